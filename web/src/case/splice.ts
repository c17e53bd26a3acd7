/** Two texts that differ in one stretch, and what to do when two people changed the same text at once. */

/** At `at`, `removed` was taken out and `inserted` put in. Counted in UTF-16 units, and never inside of a surrogate pair. */
export interface Splice {
  readonly at: number
  readonly removed: string
  readonly inserted: string
}

export function spliceOf(before: string, after: string): Splice {
  const most = Math.min(before.length, after.length)
  let at = 0
  while (at < most && before[at] === after[at]) at += 1
  if (isHigh(before[at - 1])) at -= 1
  let tail = 0
  while (tail < most - at && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1
  if (tail > 0 && isLow(before[before.length - tail])) tail -= 1
  return { at, removed: before.slice(at, before.length - tail), inserted: after.slice(at, after.length - tail) }
}

export function spliced(text: string, { at, removed, inserted }: Splice): string {
  return text.slice(0, at) + inserted + text.slice(at + removed.length)
}

export function inverse({ at, removed, inserted }: Splice): Splice {
  return { at, removed: inserted, inserted: removed }
}

/** Both were made on the same text: where `mine` has to be made once `theirs` was. Null when they are about the same words. */
export function following(mine: Splice, theirs: Splice): Splice | null {
  if (theirs.at + theirs.removed.length <= mine.at) {
    return { ...mine, at: mine.at + theirs.inserted.length - theirs.removed.length }
  }
  return mine.at + mine.removed.length <= theirs.at ? mine : null
}

/** Where a caret goes when another person's text takes the place of what it stood in. */
export function carry(caret: number, before: string, after: string): number {
  const { at, removed, inserted } = spliceOf(before, after)
  if (caret <= at) return caret
  return caret >= at + removed.length ? caret + inserted.length - removed.length : at + inserted.length
}

function isHigh(unit: string | undefined): boolean {
  return unit !== undefined && unit >= '\ud800' && unit <= '\udbff'
}

function isLow(unit: string | undefined): boolean {
  return unit !== undefined && unit >= '\udc00' && unit <= '\udfff'
}
