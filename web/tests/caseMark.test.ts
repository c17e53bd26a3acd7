import { expect, test } from 'vitest'
import { MARK_COLOURS, markIcon, markOf } from '../src/caseMark'

const SHEETS = { light: '#ffffff', dark: '#19212a' }

function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => parseInt(color.slice(at, at + 2), 16) / 255)
    .map((channel) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

/** Ids as the server makes them: 16 letters of base32. Some differ in one letter only. */
function ids(count: number): string[] {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
  return Array.from({ length: count }, (_, at) => `${'a'.repeat(13)}${alphabet[at >> 10]}${alphabet[(at >> 5) % 32]}${alphabet[at % 32]}`)
}

test('[HEAD-5] a mark follows from the id alone', () => {
  expect(markOf('k7qw2mzpxv3hty5d')).toEqual(markOf('k7qw2mzpxv3hty5d'))
  expect(markOf('k7qw2mzpxv3hty5d').letters).toMatch(/^[A-Z]{2}$/)
  expect(decodeURIComponent(markIcon(markOf('x')))).toContain(`>${markOf('x').letters}<`)
})

test('[HEAD-5] marks differ: cases that share letters and colour are about as rare as chance makes them', () => {
  const marks = ids(2000).map((id) => JSON.stringify(markOf(id)))
  const kinds = MARK_COLOURS.length * 19 * 19
  const byChance = kinds * (1 - (1 - 1 / kinds) ** 2000)
  expect(new Set(marks).size).toBeGreaterThan(byChance * 0.97)
  for (const color of MARK_COLOURS) expect(ids(2000).filter((id) => markOf(id).color === color).length).toBeGreaterThan(150)
})

test('[HEAD-5] a mark is seen on the sheets of both themes, and its letters are read', () => {
  for (const color of MARK_COLOURS) {
    expect(contrast(color, SHEETS.light)).toBeGreaterThanOrEqual(3)
    expect(contrast(color, SHEETS.dark)).toBeGreaterThanOrEqual(3)
    expect(contrast(color, '#ffffff')).toBeGreaterThanOrEqual(4.5)
  }
})
