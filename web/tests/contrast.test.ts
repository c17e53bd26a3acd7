import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

/** What stands on what, and how much lighter or darker it must be: 4.5 for words, 3 for edges of controls and signs (WCAG 1.4.3, 1.4.11). */
const GROUNDS = ['ground', 'sheet', 'sunken', 'accent-soft'] as const
const PAIRS: readonly (readonly [ink: string, ground: string, least: number])[] = [
  ...GROUNDS.flatMap((ground) => [
    ['ink', ground, 7] as const,
    ['ink-soft', ground, 4.5] as const,
    ['accent', ground, 4.5] as const,
  ]),
  ...(['good', 'warn', 'bad'] as const).flatMap((tone) => [
    [tone, 'sheet', 4.5] as const,
    [tone, 'ground', 4.5] as const,
    [tone, `${tone}-soft`, 4.5] as const,
    ['ink', `${tone}-soft`, 7] as const,
    ['ink-soft', `${tone}-soft`, 4.5] as const,
    ['accent', `${tone}-soft`, 4.5] as const,
  ]),
  ['on-accent', 'accent', 4.5],
  ...(['ground', 'sheet', 'sunken'] as const).map((ground) => ['line-strong', ground, 3] as const),
]

const css = readFileSync(new URL('../src/style/tokens.css', import.meta.url), 'utf8')
const [usual = '', stronger = ''] = css.split('@media (prefers-contrast: more)')

function tokens(text: string, side: 0 | 1): ReadonlyMap<string, string> {
  const found = text.matchAll(/--([\w-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)/g)
  return new Map([...found].map(([, name = '', light = '', dark = '']) => [name, side === 0 ? light : dark]))
}

function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = parseInt(color.slice(at, at + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

const THEMES = [
  { theme: 'light', colors: tokens(usual, 0) },
  { theme: 'dark', colors: tokens(usual, 1) },
  { theme: 'light, more contrast', colors: new Map([...tokens(usual, 0), ...tokens(stronger, 0)]) },
  { theme: 'dark, more contrast', colors: new Map([...tokens(usual, 1), ...tokens(stronger, 1)]) },
]

describe.each(THEMES)('[LOOK-1] the colours in the theme: $theme', ({ colors }) => {
  it.each(PAIRS)('let %s be seen on %s at %d to 1', (ink, ground, least) => {
    const [above, below] = [colors.get(ink), colors.get(ground)]
    if (above === undefined || below === undefined) throw new Error(`no such token: ${ink} or ${ground}`)
    expect(contrast(above, below)).toBeGreaterThanOrEqual(least)
  })
})

describe('[VIEW-26] words over a picture', () => {
  const [, red = '', green = '', blue = '', share = ''] = /--plate: rgb\((\d+) (\d+) (\d+) \/ (\d+)%\)/.exec(css) ?? []
  const under = (ground: number): string =>
    `#${[red, green, blue].map((each) => Math.round((Number(each) * Number(share) + ground * (100 - Number(share))) / 100).toString(16).padStart(2, '0')).join('')}`
  const inks = [...css.matchAll(/--(on-plate[\w-]*): (#[0-9a-f]{6})/g)].map(([, name = '', color = '']) => ({ name, color }))

  it.each(inks)('can be read on white and on black: $name', ({ color }) => {
    for (const ground of [0, 255]) expect(contrast(color, under(ground))).toBeGreaterThanOrEqual(4.5)
  })
  it('are of three colours', () => expect(inks).toHaveLength(3))
})

it('[LOOK-1] measures contrast as WCAG does', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21)
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.478, 2)
  expect(stronger).not.toBe('')
})
