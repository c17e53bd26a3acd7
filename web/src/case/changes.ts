/** A journal as people read it: edits of one person close in time are one line. */
import type { Entry } from '../api'

/** A pause as long as this starts a new line. Arbitrary: about the length of a phone call. */
const PAUSE_MS = 10 * 60_000

export interface Stretch {
  readonly author: { readonly id: string; readonly name: string | null }
  readonly edits: number
  readonly from: number
  readonly until: number
  readonly firstSeq: number
}

/** Takes entries oldest first, gives stretches newest first. */
export function stretches(entries: readonly Entry[]): readonly Stretch[] {
  const found: Stretch[] = []
  for (const { seq, author, at } of entries) {
    const last = found[found.length - 1]
    if (last !== undefined && last.author.id === author.id && at - last.until < PAUSE_MS) {
      found[found.length - 1] = { ...last, edits: last.edits + 1, until: at }
    } else {
      found.push({ author, edits: 1, from: at, until: at, firstSeq: seq })
    }
  }
  return found.reverse()
}
