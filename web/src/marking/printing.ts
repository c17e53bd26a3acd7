/**
 * Marks on an ECG as they are kept, and as they lie on the paper that somebody has before them: over the same moments and voltages
 * of the same rows (docs/annotations.md). [MARK-11]
 */
import type { Annotation, Shape } from '../annotations/annotation'
import { handlesOf, withMoved } from '../annotations/handles'
import type { Point } from '../viewer/geometry'
import type { EcgLooking } from '../viewer/ecg.svelte'
import { lineOf, placeAt, type Print, type Reading, readingAt, ROW_MM, rowOf, type Strip } from '../viewer/paper'
import { boxOf } from './outline'

/** What is kept is in millimetres of the paper that everybody expects. */
const KEPT: Print = { speed: 25, gain: 10 }
/**
 * Between the zero lines of two rows, and so far that no voltage leads from one to the other. On the paper itself rows are too near: at
 * 5 mm a millivolt a row has room for what would be kept in its neighbours.
 */
const KEPT_ROW_MM = 10_000
/** So much of a curve counts beside the points: a hand does not meet a spike. */
const BESIDE_MM = 1
/** Where no curve is. */
const FAR_MM = 1_000_000
/** Points between which a curve is looked at, in each millimetre. */
const FINE = 4

/** A sheet that somebody has before them. */
export interface Sheet extends Print {
  readonly strips: readonly Strip[]
  readonly hertz: number
}

export const sheetBefore = ({ picture, curves, speed, gain }: EcgLooking): Sheet => ({ speed, gain, strips: picture.strips, hertz: curves?.hertz ?? 1 })

type Mark = Pick<Annotation, 'shape' | 'points'>

/** Where a point that is kept lies on paper. */
export const shownPoint = (kept: Point, print: Print): Point => placeAt(readingOf(kept), print)

/** A shape that was drawn on a sheet, as it is kept. */
export function keptPoints({ shape, points }: Mark, sheet: Sheet): readonly Point[] {
  const row = rowUnder(meant(shape, points), sheet)
  const isOne = isOfOneRow(shape, points)
  return points.map((point) => keptPoint(point, isOne ? row : rowUnder([point], sheet), sheet))
}

/** Where one handle of a mark that is kept is to be, as it is kept, if it is to lie at `to` on the sheet. */
export function keptHandle(mark: Mark, at: number, to: Point, sheet: Sheet): Point {
  const handle = handlesOf(mark)[at] ?? { x: null, y: null }
  const shown = withMoved(mark.points.map((point) => shownPoint(point, sheet)), handle, to)
  const other = mark.points.find((_, index) => index !== handle.y)
  const row = other !== undefined && isOfOneRow(mark.shape, shown) ? readingOf(other).row : rowUnder([to], sheet)
  return keptPoint(to, row, sheet)
}

/** How far to move all of a mark that is kept, if it is to be moved by so much on the sheet. */
export function keptBy({ shape, points }: Mark, by: Point, sheet: Sheet): Point {
  const before = points.map((point) => shownPoint(point, sheet))
  const after = before.map(({ x, y }) => ({ x: x + by.x, y: y + by.y }))
  const rows = rowUnder(meant(shape, after), sheet) - rowUnder(meant(shape, before), sheet)
  return { x: (by.x / sheet.speed) * KEPT.speed, y: rows * KEPT_ROW_MM + ((by.y - rows * ROW_MM) / sheet.gain) * KEPT.gain }
}

function readingOf({ x, y }: Point): Reading {
  const row = Math.round(y / KEPT_ROW_MM)
  return { row, seconds: x / KEPT.speed, millivolts: (row * KEPT_ROW_MM - y) / KEPT.gain }
}

function keptPoint(shown: Point, row: number, print: Print): Point {
  const { seconds, millivolts } = readingAt(shown, row, print)
  return { x: seconds * KEPT.speed, y: row * KEPT_ROW_MM - millivolts * KEPT.gain }
}

/** What is higher than a row is about several, each point about its own; but a line is one, and a length measures in one. */
function isOfOneRow(shape: Shape, shown: readonly Point[]): boolean {
  const { top, bottom } = boxOf(shown)
  return shape === 'length' || shape === 'freehand' || bottom - top <= ROW_MM
}

/** What of a shape is about a row: where a length begins, the tip of an arrow, all of the others. */
function meant(shape: Shape, points: readonly Point[]): readonly Point[] {
  if (shape === 'length') return points.slice(0, 1)
  return shape === 'arrow' ? points.slice(-1) : points
}

function rowUnder(shown: readonly Point[], sheet: Sheet): number {
  const strip = stripUnder(shown, sheet)
  return strip === null ? 0 : rowOf(strip)
}

/** The lead that a place on a sheet is about, as a point of a mark, or alone. */
export function stripAt(at: Point, mark: Mark | null, sheet: Sheet): Strip | null {
  return stripUnder(mark !== null && isOfOneRow(mark.shape, mark.points) ? meant(mark.shape, mark.points) : [at], sheet)
}

/**
 * What is meant by points on a sheet: the strip whose curve, for as long as the points last, comes nearest to their middle. Curves reach
 * into other rows: of several that pass there it is the one whose peak is nearest, as peaks are what is marked; then the one whose zero
 * line is.
 */
function stripUnder(shown: readonly Point[], { strips, hertz, speed, gain }: Sheet): Strip | null {
  const { left, top, right, bottom } = boxOf(shown)
  const middle = (top + bottom) / 2
  const away = strips.map((strip) => {
    const heights = lineOf(strip, hertz, speed, gain, FINE)
      .filter(({ x }) => x >= left - BESIDE_MM && x <= right + BESIDE_MM)
      .map(({ y }) => y)
    const highest = heights.reduce((some, other) => Math.min(some, other), FAR_MM)
    const lowest = heights.reduce((some, other) => Math.max(some, other), heights[0] ?? FAR_MM)
    const fromPeak = Math.min(Math.abs(middle - highest), Math.abs(middle - lowest))
    return { strip, fromCurve: Math.max(0, highest - middle, middle - lowest), fromPeak, fromZero: Math.abs(middle - strip.y) }
  })
  away.sort((one, other) => one.fromCurve - other.fromCurve || one.fromPeak - other.fromPeak || one.fromZero - other.fromZero)
  return away[0]?.strip ?? null
}
