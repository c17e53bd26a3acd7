/** Which letters of a section lie between two places of its editor, and who wrote them by the journal. */
import type { Answer, Problem } from '../api'
import * as Y from 'yjs'
import type { Attributed, Author, Written } from './api'

/** Neighbouring clocks of one client, and what they say. */
export interface Letters {
  readonly client: number
  readonly start: number
  readonly end: number
  readonly text: string
  /** Stands in another block than what comes before it. */
  readonly isFresh: boolean
}

/** What one person wrote, as far as nobody else's words come in between. */
export interface Passage {
  readonly text: string
  /** Null: the server does not have it yet. */
  readonly by: { readonly author: Author; readonly since: number; readonly until: number } | null
}

/**
 * The letters between two positions of the editor (ProseMirror counts a letter and a leaf as 1, a block as 2 more than what is in it).
 * `isLeaf`: elements that the editor draws without a content of their own, with what they say.
 */
export function lettersBetween(fragment: Y.XmlFragment, from: number, to: number, leaf: (element: Y.XmlElement) => string | null): readonly Letters[] {
  const found: Letters[] = []
  let isFresh = true
  const note = (client: number, start: number, text: string, length: number): void => {
    const last = found.at(-1)
    // A mention is one clock and many letters: joined with its neighbours, it could not be cut between two authors.
    if (last !== undefined && !isFresh && isPlain(last) && text.length === length && last.client === client && last.end === start) {
      found[found.length - 1] = { ...last, end: start + length, text: last.text + text }
    } else found.push({ client, start, end: start + length, text, isFresh })
    isFresh = false
  }
  const walk = (parent: Y.XmlFragment, begin: number): number => {
    let at = begin
    for (const child of parent.toArray()) {
      if (at > to) return at
      if (child instanceof Y.XmlText) at = readText(child, at, from, to, note)
      else if (child instanceof Y.XmlElement) {
        const said = leaf(child)
        if (said === null) {
          isFresh = true
          at = walk(child, at + 1) + 1
          isFresh = true
        } else {
          const item = child._item
          if (item !== null && from <= at && at < to) note(item.id.client, item.id.clock, said, 1)
          at += 1
        }
      }
    }
    return at
  }
  walk(fragment, 0)
  return found
}

function isPlain({ text, start, end }: Letters): boolean {
  return text.length === end - start
}

function readText(text: Y.XmlText, begin: number, from: number, to: number, note: (client: number, start: number, text: string, length: number) => void): number {
  let at = begin
  for (let item = text._start; item !== null; item = item.right) {
    if (item.deleted || !item.countable) continue
    const start = Math.max(0, from - at)
    const end = Math.min(item.length, to - at)
    if (item.content instanceof Y.ContentString && start < end) note(item.id.client, item.id.clock + start, item.content.str.slice(start, end), end - start)
    at += item.length
  }
  return at
}

/** What the server tells of the letters, as passages in their order. What it does not know is not saved yet. */
export function passagesOf(letters: readonly Letters[], runs: readonly Written[]): readonly Passage[] {
  const found: Passage[] = []
  const add = (text: string, by: Passage['by'], isFresh: boolean): void => {
    const last = found.at(-1)
    if (last !== undefined && last.by?.author.id === by?.author.id) {
      const joined = `${last.text}${isFresh ? '\n' : ''}${text}`
      const span = last.by === null || by === null ? null : { ...by, since: Math.min(last.by.since, by.since), until: Math.max(last.by.until, by.until) }
      found[found.length - 1] = { text: joined, by: span }
    } else found.push({ text, by })
  }
  for (const { client, start, end, text, isFresh } of letters) {
    const own = runs.filter((run) => run.client === client && run.start < end && run.end > start).sort((a, b) => a.start - b.start)
    const cut = (from: number, until: number): string => (end - start === text.length ? text.slice(from - start, until - start) : text)
    let at = start
    const reach = (until: number, by: Passage['by']): void => {
      if (until > at) add(cut(at, until), by, isFresh && at === start)
      at = Math.max(at, until)
    }
    for (const run of own) {
      reach(run.start, null)
      reach(Math.min(run.end, end), { author: run.author, since: run.since, until: run.until })
    }
    reach(end, null)
  }
  return found
}

type Ask = (parts: readonly Letters[], after: string | null) => Promise<Answer<Attributed>>

/** The server takes so many parts at once. */
const MOST_PARTS = 200

/** Ask for all of them; a long history is read in steps, and each answer says how far it got. */
export async function askAuthors(letters: readonly Letters[], ask: Ask, progress: (share: number) => void): Promise<readonly Written[] | Problem> {
  const found: Written[] = []
  // In the order in which the server answers, so that a page of answers can go on where the last one ended.
  const parts = letters.toSorted((a, b) => a.client - b.client || a.start - b.start)
  let [at, after]: [number, string | null] = [0, null]
  while (at < parts.length) {
    const answer = await ask(parts.slice(at, at + MOST_PARTS), after)
    if (!answer.ok) return answer.problem
    const { reached, head, runs, next } = answer.value
    progress(head === 0 ? 1 : reached / head)
    if (reached < head) continue
    found.push(...runs)
    after = next
    if (next === null) at += MOST_PARTS
  }
  return found
}
