/**
 * A mark that is being drawn: by dragging, by one click after the other, or by a crosshair that keys move. All three set
 * the same points; `Draft` does not know which it was. [MARK-4]
 */
import { POINTS, type Shape } from '../annotations/annotation'
import { distance, type Point } from '../viewer/geometry'

export interface Draft {
  readonly shape: Shape
  /** Those that are set. */
  readonly points: readonly Point[]
}

export type Drawing =
  | { readonly is: 'going on'; readonly draft: Draft }
  | { readonly is: 'done'; readonly points: readonly Point[] }

export const begun = (shape: Shape): Draft => ({ shape, points: [] })

/** Some shapes are done with their last point, others when somebody says so. */
export const isOpenEnded = (shape: Shape): boolean => POINTS[shape].least !== POINTS[shape].most

/**
 * One more point. `reach`, in pixels of the picture: as near to the one before as that it is the same place, so that a
 * double click ends; a polygon ends at its first, too.
 */
export function set(draft: Draft, at: Point, reach: number): Drawing {
  const { shape, points } = draft
  const [first, last] = [points[0], points.at(-1)]
  if (last !== undefined && isOpenEnded(shape)) {
    const isEnd = distance(last, at) <= reach || (shape === 'polygon' && points.length >= 3 && first !== undefined && distance(first, at) <= reach)
    if (isEnd) return ended(draft)
  }
  // Twice the same place is no line.
  if (last !== undefined && distance(last, at) === 0 && points.length % 2 === 1) return { is: 'going on', draft }
  const next = { shape, points: [...points, at] }
  return next.points.length >= POINTS[shape].most ? { is: 'done', points: next.points } : { is: 'going on', draft: next }
}

/** Somebody says that it is done; with too few points it is not. */
export function ended(draft: Draft): Drawing {
  return canEnd(draft) ? { is: 'done', points: draft.points } : { is: 'going on', draft }
}

export const canEnd = ({ shape, points }: Draft): boolean => isOpenEnded(shape) && points.length >= POINTS[shape].least

export const withoutLast = ({ shape, points }: Draft): Draft => ({ shape, points: points.slice(0, -1) })

/** As it would be with one more point. */
export const withNext = ({ shape, points }: Draft, at: Point | null): readonly Point[] =>
  at === null || points.length >= POINTS[shape].most ? points : [...points, at]
