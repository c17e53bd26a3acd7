/** Letters that one edit put in or took away, as they follow each other in the document. */
import * as Y from 'yjs'
import { itemsIn } from './items'

/** Clocks of one client that stand next to each other. */
export interface Letters {
  readonly client: number
  readonly clock: number
  readonly length: number
}

export interface Stretch {
  readonly text: string
  readonly letters: readonly Letters[]
  /** All that its text has or had: a whole paragraph, heading or cell. */
  readonly isWhole: boolean
}

/** So many items that were gone before are passed over between two that belong together; arbitrary, far more than one meets. */
const FAR = 64

interface Word extends Y.Item {
  readonly content: Y.ContentString
}

/** Items of letters, as they follow each other in one text. */
export type Chain = readonly Word[]

/** What came with the transaction and is there, and what went that had been there before. */
export function stretchesOf(transaction: Y.Transaction): { readonly came: readonly Chain[]; readonly went: readonly Chain[] } {
  const { beforeState, afterState, deleteSet, doc } = transaction
  const came: Word[] = []
  for (const [client, end] of afterState) {
    const start = beforeState.get(client) ?? 0
    if (start < end) for (const item of itemsIn(doc.store, client, start, end)) if (isWord(item) && !item.deleted) came.push(item)
  }
  const went: Word[] = []
  for (const [client, deletes] of deleteSet.clients) {
    const known = beforeState.get(client) ?? 0
    for (const { clock, len } of deletes) {
      if (clock < known) for (const item of itemsIn(doc.store, client, clock, Math.min(known, clock + len))) if (isWord(item)) went.push(item)
    }
  }
  return { came: chained(came), went: chained(went) }
}

/** A chain of them as one. */
export function stretchOf(chain: Chain, { beforeState }: Y.Transaction): Stretch {
  const text = chain.map(({ content }) => content.str).join('')
  const parent = chain[0]?.parent
  return { text, letters: chain.map(lettersOf), isWhole: parent instanceof Y.AbstractType && isWhole(parent, text.length, beforeState) }
}

/** Which letters `from <= at < from + length` of a stretch are. */
export function slice(letters: readonly Letters[], from: number, length: number): readonly Letters[] {
  const found: Letters[] = []
  let at = 0
  for (const { client, clock, length: all } of letters) {
    const [start, end] = [Math.max(from, at), Math.min(from + length, at + all)]
    if (start < end) found.push({ client, clock: clock + start - at, length: end - start })
    at += all
    if (at >= from + length) break
  }
  return found
}

/** What stood right behind the letters that came and is gone: undo puts a letter in front of the one that it brings back. */
export function behind(chain: Chain): Chain {
  const mine = new Set<Y.Item>(chain)
  const found: Word[] = []
  const most = chain.reduce((sum, { length }) => sum + length, 0) + FAR
  let item: Y.Item | null = chain[0] ?? null
  for (let steps = 0; item !== null && steps < most; steps++, item = item.right) {
    if (mine.has(item)) continue
    if (isWord(item) && item.deleted) found.push(item)
    else if (!isPassed(item)) break
  }
  return found
}

function lettersOf({ id, length }: Word): Letters {
  return { client: id.client, clock: id.clock, length }
}

function isWhole(parent: Y.AbstractType<unknown>, length: number, beforeState: ReadonlyMap<number, number>): boolean {
  const around = parent._item
  if (around === null) return false
  if (around.deleted || parent._length === 0) return true
  return around.id.clock >= (beforeState.get(around.id.client) ?? 0) && parent._length === length
}

function isWord(item: Y.Item): item is Word {
  return item.content instanceof Y.ContentString
}

/** What was gone before and what only says how words look stands between words that belong together. */
function isPassed(item: Y.Item): boolean {
  return item.deleted || item.content instanceof Y.ContentFormat
}

function chained(words: readonly Word[]): readonly Chain[] {
  const all = new Set<Y.Item>(words)
  const chains: Word[][] = []
  for (const word of words) {
    if (!all.has(word)) continue
    const chain: Word[] = []
    for (let next: Y.Item | null = first(word, all); next !== null; next = beside(next, 'right', all)) {
      all.delete(next)
      if (isWord(next)) chain.push(next)
    }
    chains.push(chain)
  }
  return chains
}

function first(word: Word, all: ReadonlySet<Y.Item>): Y.Item {
  let found: Y.Item = word
  for (let next = beside(found, 'left', all); next !== null; next = beside(found, 'left', all)) found = next
  return found
}

/** The next one of them in the same text, unless something stands between. */
function beside(item: Y.Item, way: 'left' | 'right', all: ReadonlySet<Y.Item>): Y.Item | null {
  let steps = 0
  for (let next = item[way]; next !== null && steps < FAR; next = next[way], steps++) {
    if (all.has(next)) return next
    if (!isPassed(next)) return null
  }
  return null
}
