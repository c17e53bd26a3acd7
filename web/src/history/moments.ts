/** Where one can stop in a history, and what is compared with what. */
import type { Named, Sitting } from './api'
import type { Span } from './walk'

/** What a moment is compared with: nothing, what stood before it, what stands now, as one last saw it, an empty record, or another moment. */
export type Against = 'nothing' | 'before' | 'now' | 'seen' | 'start' | { readonly seq: number }

export interface Look {
  /** The last entry that counts. */
  readonly at: number | 'now'
  readonly against: Against
}

/** Which sitting an entry is part of; the nearest one if it is of none. */
export function sittingOf(sittings: readonly Sitting[], seq: number): number {
  let [low, high] = [0, sittings.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sittings[middle]?.last ?? 0) >= seq) high = middle
    else low = middle + 1
  }
  return low
}

/** The entry before what is shown as one step: before the whole sitting at its end, before the single edit within it. */
export function stepBefore(sittings: readonly Sitting[], seq: number): number {
  const sitting = sittings[sittingOf(sittings, seq)]
  return sitting !== undefined && sitting.last === seq ? sitting.first - 1 : Math.max(0, seq - 1)
}

/** The two moments of a look, the earlier one first. */
export function spanOf(look: Look, sittings: readonly Sitting[], head: number, seen: number | null): Span {
  const at = look.at === 'now' ? head : Math.min(look.at, head)
  const other = otherOf(look.against, at, sittings, head, seen)
  return { from: Math.min(at, other), to: Math.max(at, other) }
}

function otherOf(against: Against, at: number, sittings: readonly Sitting[], head: number, seen: number | null): number {
  switch (against) {
    case 'nothing':
      return at
    case 'before':
      return stepBefore(sittings, at)
    case 'now':
      return head
    case 'seen':
      return Math.min(seen ?? at, head)
    case 'start':
      return 0
    default:
      return Math.min(against.seq, head)
  }
}

/** One line of the list: a sitting, and the names that its moments have. */
export interface Line {
  readonly sitting: Sitting
  readonly names: readonly Named[]
}

/** Newest first, a day under a day. `dayOf` says which day it is where the reader is. */
export function days(
  sittings: readonly Sitting[],
  named: readonly Named[],
  dayOf: (at: number) => string,
): readonly { readonly day: string; readonly lines: readonly Line[] }[] {
  const found: { day: string; lines: Line[] }[] = []
  for (const sitting of sittings.toReversed()) {
    const day = dayOf(sitting.ended)
    const names = named.filter(({ seq }) => sitting.first <= seq && seq <= sitting.last)
    const last = found.at(-1)
    if (last?.day === day) last.lines.push({ sitting, names })
    else found.push({ day, lines: [{ sitting, names }] })
  }
  return found
}

/** What was known of the sittings, and what was asked for after some of them: the newest may have grown together since. */
export function renewed(known: readonly Sitting[], fresh: readonly Sitting[], after: number): readonly Sitting[] {
  return [...known.filter(({ last }) => last <= after), ...fresh]
}

/** How many of the newest sittings may still change: as many as the server looks back, and some. */
const UNSETTLED = 10

/** Ask for what comes after this entry. */
export function settled(known: readonly Sitting[]): number {
  return known.at(-1 - UNSETTLED)?.last ?? 0
}
