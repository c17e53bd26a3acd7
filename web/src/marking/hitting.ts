/** Which mark is meant by a place in the window: the one whose lines are nearest, not the one that lies around it. [MARK-1] */
import type { Annotation } from '../annotations/annotation'
import { type Affine, distance, mapped, type Point } from '../viewer/geometry'
import { boxOf, distanceToSegment, strokesOf } from './outline'

/** In CSS pixels: what a hand misses by. */
export const LEEWAY = { mouse: 7, touch: 18 } as const

/** The nearest within `leeway` CSS pixels of `at`; of equally near ones the last, which is drawn on top. */
export function hit<Mark extends Pick<Annotation, 'shape' | 'points'>>(marks: readonly Mark[], placed: Affine, at: Point, leeway: number): Mark | null {
  let [found, nearest]: [Mark | null, number] = [null, leeway]
  for (const mark of marks) {
    if (!isNearBox(mark, placed, at, leeway)) continue
    const off = distanceTo(mark, placed, at)
    if (off <= nearest) [found, nearest] = [mark, off]
  }
  return found
}

/** In CSS pixels, from `at` in the window to the nearest line. */
export function distanceTo({ shape, points }: Pick<Annotation, 'shape' | 'points'>, placed: Affine, at: Point): number {
  let nearest = Infinity
  for (const stroke of strokesOf(shape, points)) {
    const shown = stroke.points.map((point) => mapped(placed, point))
    const last = stroke.isClosed ? shown.length : Math.max(1, shown.length - 1)
    for (let each = 0; each < last; each += 1) {
      const from = shown[each]
      const to = shown[(each + 1) % shown.length]
      if (from !== undefined && to !== undefined) nearest = Math.min(nearest, distanceToSegment(at, from, to))
    }
  }
  return nearest
}

/** Which of these points in the window is meant; null: none. */
export function hitPoint(shown: readonly Point[], at: Point, leeway: number): number | null {
  let [found, nearest]: [number | null, number] = [null, leeway]
  shown.forEach((point, index) => {
    const off = distance(point, at)
    if (off <= nearest) [found, nearest] = [index, off]
  })
  return found
}

/** Whether it is worth to look closer: most of ten thousand are not. */
function isNearBox({ points }: Pick<Annotation, 'points'>, placed: Affine, at: Point, leeway: number): boolean {
  const { left, top, right, bottom } = shownBox(points, placed)
  return at.x >= left - leeway && at.x <= right + leeway && at.y >= top - leeway && at.y <= bottom + leeway
}

/** The box in the window around a mark's box in the picture, however it is turned. */
export function shownBox(points: readonly Point[], { a, b, c, d, e, f }: Affine): { left: number; top: number; right: number; bottom: number } {
  const box = boxOf(points)
  const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2]
  const [across, down] = [(box.right - box.left) / 2, (box.bottom - box.top) / 2]
  const [middleX, middleY] = [a * x + c * y + e, b * x + d * y + f]
  const [halfX, halfY] = [Math.abs(a) * across + Math.abs(c) * down, Math.abs(b) * across + Math.abs(d) * down]
  return { left: middleX - halfX, top: middleY - halfY, right: middleX + halfX, bottom: middleY + halfY }
}
