/** What a page may say of two documents of one case at once: "saved" is said of both, or not at all. */
import type { Status } from './status'

/** `first` is what the page is about; `other` is told where something in it is not saved. */
export function together(first: Status, other: Status): Status {
  const more = 'changes' in other ? other.changes : 0
  if (more === 0 || first.kind === 'ended' || other.kind === 'ended') return first
  if ('changes' in first && first.changes > 0) return { ...first, changes: first.changes + more }
  return other
}
