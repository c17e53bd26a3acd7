/** Codes that say what is marked, and how one is found by a few letters. No DOM, no network. [CODE-1] [CODE-2] */
import type { Coded } from '../annotations/annotation'
import { fields, list, text, Unreadable } from '../parse'

export interface Entry extends Coded {
  /** Of its display, as they are compared. */
  readonly words: readonly string[]
  /** Of what else it is called. */
  readonly otherWords: readonly string[]
}

/** More nobody reads; two more letters find it faster. */
export const MOST_FOUND = 20

/** Our list as `web/snomed.py` writes it, those first that are wanted most. Throws `Unreadable`. */
export function readCodes(body: unknown): readonly Entry[] {
  const from = fields(body)
  const system = text(from, 'system')
  return list(from, 'codes', (each) => {
    if (!Array.isArray(each) || !each.every((part) => typeof part === 'string')) throw new Unreadable('codes: expected texts')
    const [code, display, ...others] = each
    if (code === undefined || display === undefined) throw new Unreadable('codes: expected a code and its display')
    return { system, code, display, words: wordsOf(display), otherWords: others.flatMap(wordsOf) }
  })
}

/** What is called so, the nearest first: every word that is sought begins a word of it, in whatever order; or its code. */
export function findCodes(entries: readonly Entry[], sought: string): readonly Entry[] {
  const wanted = wordsOf(sought)
  if (wanted.length === 0) return []
  return entries
    .map((entry) => ({ entry, distance: distanceOf(entry, wanted) }))
    .filter(({ distance }) => distance !== null)
    .sort((one, other) => Number(one.distance) - Number(other.distance))
    .slice(0, MOST_FOUND)
    .map(({ entry }) => entry)
}

/** Null: not called so. Smaller is nearer; the same stays in the list's order. */
function distanceOf({ code, words, otherWords }: Entry, wanted: readonly string[]): number | null {
  if (wanted.length === 1 && wanted[0] === code) return 0
  const begins = (among: readonly string[]) => (word: string) => among.some((each) => each.startsWith(word))
  if (wanted.every(begins(words))) {
    const [said, asked] = [words.join(' '), wanted.join(' ')]
    if (said === asked) return 0
    return (said.startsWith(asked) ? 1 : 2) + Math.min(said.length, 999) / 1000
  }
  return wanted.every(begins([...words, ...otherWords])) ? 3 : null
}

/** As they are compared: without accents and capitals, and as American and British writers spell them both. */
export function wordsOf(text: string): readonly string[] {
  const plain = text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replaceAll(/æ|ae|œ|oe/g, 'e').replaceAll('ou', 'o')
  return plain.match(/[\p{L}\p{N}]+/gu) ?? []
}
