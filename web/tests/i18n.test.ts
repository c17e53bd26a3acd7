import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const FOLDER = new URL('../src/i18n/', import.meta.url)
const PLURAL = /_(zero|one|two|few|many|other)$/

type Words = ReadonlyMap<string, string>

function flatten(value: unknown, path: string, into: Map<string, string>): Words {
  if (typeof value === 'string') into.set(path, value)
  else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) flatten(inner, path === '' ? key : `${path}.${key}`, into)
  } else throw new Error(`${path} is neither words nor a group of them`)
  return into
}

const languages = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .map((name) => ({ code: name.slice(0, -5), words: flatten(JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')), '', new Map()) }))

const english = languages.find(({ code }) => code === 'en')?.words ?? new Map<string, string>()
const stems = (words: Words): readonly string[] => [...new Set([...words.keys()].map((key) => key.replace(PLURAL, '')))].sort()
const gaps = (text: string): readonly string[] => [...new Set(text.match(/\{\{\w+\}\}/g) ?? [])].sort()

describe.each(languages)('[LANG-1] the words in $code', ({ code, words }) => {
  it('say everything that the English ones say, and nothing more', () => {
    expect(english.size).toBeGreaterThan(3)
    expect(stems(words)).toEqual(stems(english))
  })

  it('have every plural form that the language needs', () => {
    const needed = new Intl.PluralRules(code).resolvedOptions().pluralCategories.filter((form) => form !== 'many').sort()
    const counted = [...words.keys()].filter((key) => key.endsWith('_other')).map((key) => key.replace(PLURAL, ''))
    for (const stem of counted) {
      const have = [...words.keys()].filter((key) => PLURAL.test(key) && key.replace(PLURAL, '') === stem).map((key) => key.slice(stem.length + 1))
      expect([stem, ...have.filter((form) => form !== 'zero' && form !== 'many').sort()]).toEqual([stem, ...needed])
    }
  })

  it('fill in the same gaps', () => {
    for (const [key, text] of words) {
      const model = english.get(key)
      if (model !== undefined && !PLURAL.test(key)) expect([key, ...gaps(text)]).toEqual([key, ...gaps(model)])
      expect([key, text.trim()]).not.toEqual([key, ''])
    }
  })
})
