/** Where a shape can be taken hold of: at each of its points, or at the corners and sides of a box. */
import type { Point } from '../viewer/geometry'
import type { Shape } from './annotation'

/** The point whose x, and the point whose y, goes along; null: none. */
export interface Handle {
  readonly x: number | null
  readonly y: number | null
}

/** Shapes whose two points are corners of a box: each of its sides is moved by itself. */
export const isBox = (shape: Shape): boolean => shape === 'rectangle' || shape === 'ellipse'

/** Around the box, from the corner that was set first. */
const OF_BOX: readonly Handle[] = [
  { x: 0, y: 0 },
  { x: null, y: 0 },
  { x: 1, y: 0 },
  { x: 1, y: null },
  { x: 1, y: 1 },
  { x: null, y: 1 },
  { x: 0, y: 1 },
  { x: 0, y: null },
]

/** Of a line drawn by hand, no single point is worth to be moved. */
export function handlesOf({ shape, points }: { readonly shape: Shape; readonly points: readonly Point[] }): readonly Handle[] {
  if (shape === 'freehand') return []
  return isBox(shape) ? OF_BOX : points.map((_, at) => ({ x: at, y: at }))
}

/** The middle of a side. */
export function placeOf(handle: Handle, points: readonly Point[]): Point {
  return { x: along('x', handle.x, points), y: along('y', handle.y, points) }
}

export function withMoved(points: readonly Point[], handle: Handle, to: Point): readonly Point[] {
  return points.map(({ x, y }, at) => ({ x: at === handle.x ? to.x : x, y: at === handle.y ? to.y : y }))
}

function along(axis: 'x' | 'y', at: number | null, points: readonly Point[]): number {
  const [one, other] = [points[at ?? 0], points[at ?? 1]]
  return ((one?.[axis] ?? 0) + (other?.[axis] ?? 0)) / 2
}
