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
let isPaired = $state(false)

/** The one that somebody has before them; null: none is open. */
export const viewing = (): Viewing | null => opened

/** Whether another stands beside it. */
export const isOneOfTwo = (): boolean => isPaired

/** Tells whoever shows a viewer what is open in it and how large its window is, until what this gives back is called. */
export type Meet = (it: Viewing, window?: () => Size) => () => void

/** It is before somebody, until what this gives back is called. */
export const look = (it: Viewing): (() => void) => open({ it, isOneOfTwo: false })

/** It is, and another stands beside it. */
export const lookAtOneOfTwo = (it: Viewing): (() => void) => open({ it, isOneOfTwo: true })

function open({ it, isOneOfTwo }: { readonly it: Viewing; readonly isOneOfTwo: boolean }): () => void {
  opened = it
  isPaired = isOneOfTwo
  return () => {
    if (opened !== it) return
    opened = null
    isPaired = false
  }
}
