import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { findCodes, MOST_FOUND, readCodes } from '../src/codes/codes'

const entries = readCodes(JSON.parse(readFileSync(new URL('../src/codes/snomed.json', import.meta.url), 'utf8')))
const displays = (sought: string): readonly string[] => findCodes(entries, sought).map(({ display }) => display)

test('[CODE-1] every code of the list is a number of SNOMED CT with its check digit, once, and reads like no other', () => {
  expect(entries.length).toBeGreaterThan(2_000)
  expect(new Set(entries.map(({ code }) => code)).size).toBe(entries.length)
  expect(new Set(entries.map(({ display }) => display.toLowerCase())).size).toBe(entries.length)
  for (const { system, code } of entries) {
    expect(system).toBe('http://snomed.info/sct')
    expect([code, checks(code)]).toEqual([code, true])
  }
})

describe('[CODE-2] a code is found', () => {
  test('by how its words begin, in whatever order, the shortest and nearest first', () => {
    expect(displays('pneumoth')[0]).toBe('Pneumothorax')
    expect(displays('embol pulm')[0]).toBe('Pulmonary embolism')
    expect(displays('nod')[0]).toBe('Nodule')
    expect(displays('liver')[0]).toBe('Liver')
    expect(displays('umothor')).toEqual([])
  })

  test('whatever the capitals, the accents and the side of the Atlantic', () => {
    for (const spelled of ['EDEMA', 'oedema', 'œdema', 'Édema']) expect(displays(spelled)[0]).toBe('Edema')
    for (const spelled of ['haemorrhage', 'haemorr', 'hemorr']) expect(displays(spelled)[0]).toBe('Hemorrhage')
    expect(displays('tumour of colon')[0]).toBe('Tumor of colon')
  })

  test('by what SNOMED CT calls it in full, after what is called so here', () => {
    const found = findCodes(entries, 'splenic')
    expect(found.map(({ display }) => display)).toContain('Spleen')
    expect(found[0]?.display.toLowerCase()).toContain('splenic')
  })

  test('by its number', () => {
    expect(displays('36118008')).toEqual(['Pneumothorax'])
  })

  test('and no more of them than somebody reads, and none for nothing', () => {
    expect(findCodes(entries, 'a')).toHaveLength(MOST_FOUND)
    expect(findCodes(entries, ' - ')).toEqual([])
  })
})

test('a list of another shape is refused', () => {
  expect(() => readCodes({ system: 'http://snomed.info/sct', codes: [['36118008']] })).toThrow()
  expect(() => readCodes({ system: 'http://snomed.info/sct', codes: [[36118008, 'Pneumothorax']] })).toThrow()
})

/** Verhoeff's, which ends every identifier of SNOMED CT. */
function checks(code: string): boolean {
  const turn = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]
  const turned = (digit: number, times: number): number => (times === 0 ? digit : turned(turn[digit] ?? 0, times - 1))
  const joined = (one: number, other: number): number =>
    one < 5 ? (other < 5 ? (one + other) % 5 : ((one + other) % 5) + 5) : other < 5 ? ((one - other + 5) % 5) + 5 : (one - other + 5) % 5
  return [...code].reverse().reduce((sum, digit, place) => joined(sum, turned(Number(digit), place % 8)), 0) === 0
}
