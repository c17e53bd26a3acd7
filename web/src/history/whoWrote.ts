/** Which letters of a section lie between two places of its editor, and who wrote them by the journal. */
import * as Y from 'yjs'
import type { Mover } from './moves'
import type { Past } from './past'

/** Neighbouring clocks of one client, and what they say. */
export interface Letters {
  readonly client: number
  readonly start: number
  readonly end: number
  readonly text: string
  /** Stands in another block than what comes before it. */
  readonly isFresh: boolean
}

/** What one person wrote and the same people moved, as far as nothing else comes in between. */
export interface Passage {
  readonly text: string
  /** Null: the server does not have it yet. */
  readonly by: Writer | null
}

export interface Writer {
  /** A person's id; null: nobody knows any more. */
  readonly author: string | null
  /** The entries with which the words came first, from and until. */
  readonly first: number
  readonly last: number
  /** Who else put them where they are, in the order in which they last did. */
  readonly movers: readonly Mover[]
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

/** What the journal tells of the letters, as passages in their order. What is not in it is not saved yet. */
export function passagesOf(letters: readonly Letters[], past: Pick<Past, 'owner' | 'piecesOf'>): readonly Passage[] {
  const found: Passage[] = []
  for (const { client, start, end, text, isFresh } of letters) {
    // A mention is one clock and many letters.
    const cut = (from: number, until: number): string => (end - start === text.length ? text.slice(from, until) : text)
    for (const { from, until, came, origin } of past.piecesOf(client, start, end)) {
      const writer = origin ?? { author: past.owner(client), first: came, last: came, movers: [] }
      append(found, cut(from, until), came === 0 ? null : writer, isFresh && from === 0)
    }
  }
  return found
}

function append(passages: Passage[], text: string, by: Writer | null, isFresh: boolean): void {
  const last = passages.at(-1)
  if (last === undefined || !isOne(last.by, by)) passages.push({ text, by })
  else passages[passages.length - 1] = { text: `${last.text}${isFresh ? '\n' : ''}${text}`, by: joined(last.by, by) }
}

function isOne(some: Writer | null, other: Writer | null): boolean {
  if (some === null || other === null) return some === other
  return some.author === other.author && moversOf(some) === moversOf(other)
}

function moversOf({ movers }: Writer): string {
  return movers.map(({ who }) => who).join(' ')
}

function joined(some: Writer | null, other: Writer | null): Writer | null {
  if (some === null || other === null) return some
  return { ...some, first: Math.min(some.first, other.first), last: Math.max(some.last, other.last), movers: some.movers.map((mover, at) => later(mover, other.movers[at])) }
}

function later(some: Mover, other: Mover | undefined): Mover {
  return other !== undefined && other.seq > some.seq ? other : some
}
