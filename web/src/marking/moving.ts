/** A mark as it would be if somebody let go of what they move. */
import type { Point, Size } from '../viewer/geometry'
import { boxOf } from './outline'

/** One of its points, or all of it. */
export type Grip = number | 'all'

/** Nothing of it leaves the picture. */
export function movedBy(points: readonly Point[], grip: Grip, by: Point, picture: Size): readonly Point[] {
  if (grip === 'all') {
    const kept = keptInside(points, by, picture)
    return points.map(({ x, y }) => ({ x: x + kept.x, y: y + kept.y }))
  }
  return points.map((point, at) => (at === grip ? clamped({ x: point.x + by.x, y: point.y + by.y }, picture) : point))
}

export const clamped = ({ x, y }: Point, { width, height }: Size): Point => ({ x: clamp(x, 0, width), y: clamp(y, 0, height) })

function keptInside(points: readonly Point[], { x, y }: Point, { width, height }: Size): Point {
  const { left, top, right, bottom } = boxOf(points)
  return { x: clamp(x, Math.min(0, -left), Math.max(0, width - right)), y: clamp(y, Math.min(0, -top), Math.max(0, height - bottom)) }
}

const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most)
