/** The picture that is open, as what stands around it meets it: followers, bookmarks, links. */
import type { Carried } from './carried'
import type { Size } from './geometry'

export interface Viewing {
  /** How it is looked at now; what it reads is watched. */
  carried(): Carried
  /** Looks at it exactly so. What is of another medium is not for it. */
  take(carried: Carried): void
}

let opened = $state.raw<Viewing | null>(null)

/** The one that somebody has before them; null: none is open. */
export const viewing = (): Viewing | null => opened

/** Tells whoever shows a viewer what is open in it and how large its window is, until what this gives back is called. */
export type Meet = (it: Viewing, window?: () => Size) => () => void

/** It is before somebody, until what this gives back is called. */
export function look(it: Viewing): () => void {
  opened = it
  return () => {
    if (opened === it) opened = null
  }
}
