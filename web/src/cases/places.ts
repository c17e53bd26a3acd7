/**
 * Where one was in a list or a search, for whoever comes back by the browser's buttons. In the tab's memory alone: what was
 * looked for and found is content, which neither the address nor the browser's history may keep.
 */
import type { Hit } from './api'
import type { Read } from './listing.svelte'
import type { CaseState } from '../words'

export interface Searched {
  readonly question: string
  readonly states: readonly CaseState[]
  readonly hits: readonly Hit[] | null
  readonly page: number
  readonly isLast: boolean
}

export interface Place {
  /** Whose it is: in the same tab somebody else may sign in. */
  readonly person: string
  readonly list: Read | null
  readonly search: Searched | null
  readonly scroll: number
}

let count = 0
const places = new Map<string, Place>()

/** The name of the browser's history entry that is shown now; it is given one when it is first asked for. */
export function entryName(): string {
  const state: unknown = history.state
  if (typeof state === 'object' && state !== null && 'entry' in state && typeof state.entry === 'string') return state.entry
  count += 1
  const entry = `${performance.timeOrigin}.${count}` // entries of an earlier load of the page must not be taken for ours
  history.replaceState({ entry }, '')
  return entry
}

export function keepPlace(entry: string, place: Place): void {
  places.set(entry, place)
}

export function placeAt(entry: string, person: string): Place | null {
  const place = places.get(entry)
  return place?.person === person ? place : null
}

/** At the end of a sign-in, when its pages are gone: nothing of them stays. */
export function forgetPlaces(): void {
  places.clear()
}
