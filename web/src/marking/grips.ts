/** Where a chosen mark can be taken hold of in the window: its handles, and a grip for all of it beside its box. [MARK-10] */
import type { Annotation } from '../annotations/annotation'
import { handlesOf, isBox, placeOf } from '../annotations/handles'
import { type Affine, mapped, type Point } from '../viewer/geometry'
import { shownBox } from './hitting'
import { boxOf } from './outline'

/** In CSS pixels, from the corner of its box. */
const BESIDE = 26
/** Half of a grip: as much of it is always in the window. */
const GRIP = 12

type Gripped = Pick<Annotation, 'shape' | 'points'>

/** A single point needs none: moving it moves all. */
export function allGripAt({ shape, points }: Gripped, placed: Affine): Point | null {
  if (shape === 'point') return null
  const { left, top } = shownBox(points, placed)
  return { x: Math.max(GRIP, left - BESIDE), y: Math.max(GRIP, top - BESIDE) }
}

/** By the number of the handle. Those of a small box stand off it, or they would lie on each other. */
export function shownGrips({ shape, points }: Gripped, placed: Affine): readonly Point[] {
  const around = isBox(shape) ? roomy(points, placed) : points
  return handlesOf({ shape, points }).map((handle) => mapped(placed, placeOf(handle, around)))
}

/** How a grip is called, as it is seen, however the picture is turned. */
export type Side = 'upper' | 'lower' | 'left' | 'right' | 'upperLeft' | 'upperRight' | 'lowerLeft' | 'lowerRight'

/** Null: it is no box's. */
export function sideOf(mark: Gripped, placed: Affine, at: number): Side | null {
  const grips = isBox(mark.shape) ? shownGrips(mark, placed) : []
  const [grip, opposite] = [grips[at], grips[(at + grips.length / 2) % grips.length]]
  if (grip === undefined || opposite === undefined) return null
  const [x, y] = [grip.x - opposite.x, grip.y - opposite.y]
  const down = y < 0 ? 'upper' : 'lower'
  if (!isCorner(at)) return Math.abs(x) < Math.abs(y) ? down : x < 0 ? 'left' : 'right'
  return `${down}${x < 0 ? 'Left' : 'Right'}`
}

/** Of the grips of a box. */
export const isCorner = (at: number): boolean => at % 2 === 0

/** The same corners, as far from each other as three grips beside each other are. */
function roomy(points: readonly Point[], { a, b, c, d }: Affine): readonly Point[] {
  const { left, top, right, bottom } = boxOf(points)
  const [middleX, middleY] = [(left + right) / 2, (top + bottom) / 2]
  const across = Math.max(right - left, (4 * GRIP) / Math.hypot(a, b)) / 2
  const down = Math.max(bottom - top, (4 * GRIP) / Math.hypot(c, d)) / 2
  const [one, other] = points
  const isTurned = { x: (one?.x ?? 0) > (other?.x ?? 0), y: (one?.y ?? 0) > (other?.y ?? 0) }
  return [-1, 1].map((end) => ({ x: middleX + (isTurned.x ? -end : end) * across, y: middleY + (isTurned.y ? -end : end) * down }))
}
