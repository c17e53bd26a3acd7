/** Where a chosen mark can be taken hold of: each of its points, and a grip for all of it beside its box. */
import type { Annotation, Shape } from '../annotations/annotation'
import { type Affine, mapped, type Point } from '../viewer/geometry'
import { shownBox } from './hitting'

/** In CSS pixels, from the corner of its box. */
const BESIDE = 26
/** Half of a grip: as much of it is always in the window. */
const GRIP = 12

/** Of a line drawn by hand, no single point is worth to be moved. */
export const hasGrips = (shape: Shape): boolean => shape !== 'freehand'

/** In the window. A single point needs none: moving it moves all. */
export function allGripAt({ shape, points }: Pick<Annotation, 'shape' | 'points'>, placed: Affine): Point | null {
  if (shape === 'point') return null
  const { left, top } = shownBox(points, placed)
  return { x: Math.max(GRIP, left - BESIDE), y: Math.max(GRIP, top - BESIDE) }
}

export const shownGrips = (points: readonly Point[], placed: Affine): readonly Point[] => points.map((point) => mapped(placed, point))
