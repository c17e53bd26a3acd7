/** Where the presenter points, in the picture that both look at: drawn by the stage that shows it. */
import type { Point } from '../viewer/geometry'

export interface Pointed {
  readonly media: string
  readonly at: Point
  readonly name: string
  /** `#rrggbb` */
  readonly color: string
}

let pointed = $state.raw<Pointed | null>(null)

export const pointedAt = (): Pointed | null => pointed

export function pointAt(at: Pointed | null): void {
  pointed = at
}
