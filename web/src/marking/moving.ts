/** A mark as it would be if somebody let go of what they move. */
import type { Annotation } from '../annotations/annotation'
import { handlesOf, placeOf, withMoved } from '../annotations/handles'
import type { Point, Size } from '../viewer/geometry'
import { boxOf } from './outline'

type Movable = Pick<Annotation, 'shape' | 'points'>

/** The number of one of its handles, or all of it. */
export type Grip = number | 'all'

/** Nothing of it leaves the picture. */
export function movedBy(mark: Movable, grip: Grip, by: Point, picture: Size): readonly Point[] {
  const { points } = mark
  if (grip === 'all') {
    const kept = keptInside(points, by, picture)
    return points.map(({ x, y }) => ({ x: x + kept.x, y: y + kept.y }))
  }
  const handle = handlesOf(mark)[grip]
  if (handle === undefined) return points
  const from = placeOf(handle, points)
  return withMoved(points, handle, clamped({ x: from.x + by.x, y: from.y + by.y }, picture))
}

/** What a grip is held by: its handle; of all of it, the first point. */
export function heldAt(mark: Movable, grip: Grip): Point | null {
  const handle = grip === 'all' ? { x: 0, y: 0 } : handlesOf(mark)[grip]
  return handle === undefined ? null : placeOf(handle, mark.points)
}

export const clamped = ({ x, y }: Point, { width, height }: Size): Point => ({ x: clamp(x, 0, width), y: clamp(y, 0, height) })

function keptInside(points: readonly Point[], { x, y }: Point, { width, height }: Size): Point {
  const { left, top, right, bottom } = boxOf(points)
  return { x: clamp(x, Math.min(0, -left), Math.max(0, width - right)), y: clamp(y, Math.min(0, -top), Math.max(0, height - bottom)) }
}

const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most)
