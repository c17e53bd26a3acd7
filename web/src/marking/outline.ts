/** The lines of a mark, in pixels of its picture. Heads of arrows and rings of points are as large on every screen, and not here. */
import type { Shape } from '../annotations/annotation'
import type { Point } from '../viewer/geometry'

export interface Stroke {
  readonly points: readonly Point[]
  /** Its last point is joined to its first. */
  readonly isClosed: boolean
}

export interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** Of an ellipse as wide as a screen, no side is longer than what the eye takes for round. */
const ELLIPSE_SIDES = 72

/** Shapes with an inside: their area is told, and the values in it. */
export const REGIONS: ReadonlySet<Shape> = new Set<Shape>(['rectangle', 'ellipse', 'polygon'])

/** Of a shape that is still being drawn too: then fewer points are there, and fewer lines. */
export function strokesOf(shape: Shape, points: readonly Point[]): readonly Stroke[] {
  const [one, two, three, four] = points
  if (one === undefined) return []
  if (two === undefined) return [{ points: [one], isClosed: false }]
  switch (shape) {
    case 'rectangle':
      return [{ points: [one, { x: two.x, y: one.y }, two, { x: one.x, y: two.y }], isClosed: true }]
    case 'ellipse':
      return [{ points: ellipse(one, two), isClosed: true }]
    case 'polygon':
      return [{ points, isClosed: points.length > 2 }]
    case 'bidirectional':
    case 'cobb':
      return [open([one, two]), ...(three === undefined ? [] : [open(four === undefined ? [three] : [three, four])])]
    case 'point':
    case 'freehand':
    case 'arrow':
    case 'length':
    case 'angle':
      return [open(points)]
  }
}

/** Around all points; an ellipse's are corners of the box around it, so this is the box around every shape. */
export function boxOf(points: readonly Point[]): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const { x, y } of points) {
    left = Math.min(left, x)
    top = Math.min(top, y)
    right = Math.max(right, x)
    bottom = Math.max(bottom, y)
  }
  return { left, top, right, bottom }
}

/** Fewer points of a line drawn by hand, none that is left out farther off it than `within`. Where that leaves more than `most`, only some of them are kept. */
export function simplified(points: readonly Point[], within: number, most: number): readonly Point[] {
  const kept = withoutNeedless(points, within)
  const stride = Math.ceil((kept.length - 1) / Math.max(1, most - 1))
  return stride <= 1 ? kept : kept.filter((_, at) => at % stride === 0 || at === kept.length - 1)
}

const open = (points: readonly Point[]): Stroke => ({ points, isClosed: false })

function ellipse(one: Point, other: Point): readonly Point[] {
  const [x, y] = [(one.x + other.x) / 2, (one.y + other.y) / 2]
  const [across, down] = [Math.abs(other.x - one.x) / 2, Math.abs(other.y - one.y) / 2]
  return Array.from({ length: ELLIPSE_SIDES }, (_, side) => {
    const at = (side * 2 * Math.PI) / ELLIPSE_SIDES
    return { x: x + across * Math.cos(at), y: y + down * Math.sin(at) }
  })
}

/** Ramer, Douglas and Peucker's, with a stack of its own: a hand makes thousands of points. */
function withoutNeedless(points: readonly Point[], within: number): readonly Point[] {
  if (points.length < 3) return points
  const isKept = new Uint8Array(points.length)
  isKept[0] = isKept[points.length - 1] = 1
  const parts: [number, number][] = [[0, points.length - 1]]
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    const [from, to] = part
    const [start, end] = [points[from], points[to]]
    if (start === undefined || end === undefined) continue
    let [farthest, where] = [within, -1]
    for (let at = from + 1; at < to; at += 1) {
      const off = distanceToSegment(points[at] ?? start, start, end)
      if (off > farthest) [farthest, where] = [off, at]
    }
    if (where < 0) continue
    isKept[where] = 1
    parts.push([from, where], [where, to])
  }
  return points.filter((_, at) => isKept[at] === 1)
}

export function distanceToSegment(point: Point, from: Point, to: Point): number {
  const [x, y] = [to.x - from.x, to.y - from.y]
  const squared = x * x + y * y
  const share = squared === 0 ? 0 : Math.min(Math.max(((point.x - from.x) * x + (point.y - from.y) * y) / squared, 0), 1)
  return Math.hypot(point.x - from.x - share * x, point.y - from.y - share * y)
}
