/** The real values inside of a mark: of the pixels whose middle lies in it, those that are no picture left out. [MARK-3] */
import type { Shape } from '../annotations/annotation'
import type { Frame } from '../viewer/decoding'
import type { Point } from '../viewer/geometry'
import { isPadding, real, type Values } from '../viewer/values'
import { boxOf, REGIONS } from './outline'

export interface Statistics {
  /** In the unit of the values, as the deviation and both ends. */
  readonly mean: number
  /** Of all there are, not of a sample: divided by their count. */
  readonly deviation: number
  readonly least: number
  readonly most: number
  /** Of pixels. */
  readonly count: number
}

/** Null: it has no inside, no pixel's middle lies in it, or what is there are colours. */
export function statisticsOf(shape: Shape, points: readonly Point[], frame: Frame, values: Values): Statistics | null {
  if (!REGIONS.has(shape) || frame.samples !== 1) return null
  const { top, bottom } = boxOf(points)
  const rowSpans = spansOf(shape, points)
  // Welford's, so that large values with small differences keep them.
  let [count, mean, squares, least, most] = [0, 0, 0, Infinity, -Infinity]
  const last = Math.min(frame.height - 1, Math.floor(bottom - 0.5))
  for (let row = Math.max(0, Math.ceil(top - 0.5)); row <= last; row += 1) {
    for (const [from, to] of rowSpans(row + 0.5)) {
      const end = Math.min(frame.width - 1, Math.floor(to - 0.5))
      for (let column = Math.max(0, Math.ceil(from - 0.5)); column <= end; column += 1) {
        const stored = frame.numbers[row * frame.width + column]
        if (stored === undefined || isPadding(values, stored)) continue
        const value = real(values, stored)
        count += 1
        const off = value - mean
        mean += off / count
        squares += off * (value - mean)
        least = Math.min(least, value)
        most = Math.max(most, value)
      }
    }
  }
  return count === 0 ? null : { mean, deviation: Math.sqrt(squares / count), least, most, count }
}

type Span = readonly [from: number, to: number]

/** Where a row at height `y` is inside, from left to right. */
function spansOf(shape: Shape, points: readonly Point[]): (y: number) => readonly Span[] {
  const { left, top, right, bottom } = boxOf(points)
  if (shape === 'rectangle') return () => [[left, right]]
  if (shape === 'ellipse') {
    const [x, middle, across, down] = [(left + right) / 2, (top + bottom) / 2, (right - left) / 2, (bottom - top) / 2]
    return (y) => {
      const rest = 1 - ((y - middle) / down) ** 2
      if (!(rest >= 0)) return []
      const half = across * Math.sqrt(rest)
      return [[x - half, x + half]]
    }
  }
  return (y) => pairs(crossings(points, y))
}

/** Where the sides of a polygon cross a height. A corner that lies on it counts with the side below, so that none counts twice. */
function crossings(corners: readonly Point[], y: number): readonly number[] {
  const found: number[] = []
  corners.forEach((from, at) => {
    const to = corners[(at + 1) % corners.length] ?? from
    if (from.y > y !== to.y > y) found.push(from.x + ((y - from.y) / (to.y - from.y)) * (to.x - from.x))
  })
  return found.sort((one, other) => one - other)
}

/** What is crossed once is inside until it is crossed again. */
function pairs(at: readonly number[]): readonly Span[] {
  const spans: Span[] = []
  for (let each = 0; each + 1 < at.length; each += 2) spans.push([at[each] ?? 0, at[each + 1] ?? 0])
  return spans
}
