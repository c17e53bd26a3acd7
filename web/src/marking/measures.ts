/** What a mark measures: lengths, angles and areas, by the scale that holds for all of its points at once; times and voltages on an ECG. [MARK-2] [MARK-11] */
import type { Shape } from '../annotations/annotation'
import type { Point } from '../viewer/geometry'
import type { SpacingSource } from '../viewer/manifest'
import type { Scale } from '../viewer/measuring'
import { measured, type Print } from '../viewer/paper'

export type Measure =
  | { readonly is: 'length'; readonly length: number; readonly unit: Scale['unit']; readonly from: SpacingSource | null }
  | { readonly is: 'two lengths'; readonly long: number; readonly short: number; readonly unit: Scale['unit']; readonly from: SpacingSource | null }
  /** Degrees; it has no unit to be calibrated. */
  | { readonly is: 'angle'; readonly degrees: number }
  | { readonly is: 'area'; readonly area: number; readonly unit: Scale['unit']; readonly from: SpacingSource | null }
  /** On an ECG. Null: it is no beat, or no voltage that is known. */
  | { readonly is: 'interval'; readonly milliseconds: number; readonly perMinute: number | null; readonly millivolts: number | null }

/** No heart is faster: a length that leads upwards is no beat. */
const MOST_PER_MINUTE = 400

/** On paper. A rectangle may lie over several leads: its height is no voltage. Null: the shape measures nothing. */
export function intervalOf(shape: Shape, [one, other]: readonly Point[], { speed, gain }: Print, isCalibrated: boolean): Measure | null {
  if ((shape !== 'length' && shape !== 'rectangle') || one === undefined || other === undefined) return null
  const { milliseconds, perMinute, millivolts } = measured({ one, other }, speed, gain)
  if (shape === 'rectangle') return { is: 'interval', milliseconds, perMinute: null, millivolts: null }
  const isBeat = perMinute !== null && perMinute <= MOST_PER_MINUTE
  return { is: 'interval', milliseconds, perMinute: isBeat ? perMinute : null, millivolts: isCalibrated ? millivolts : null }
}

/** `aspect`: how much higher than wide a pixel is shown, for angles where there is no scale. Null: the shape measures nothing. */
export function measureOf(shape: Shape, points: readonly Point[], scale: Scale, aspect: number): Measure | null {
  const [one, two, three, four] = points
  if (one === undefined || two === undefined) return null
  const { unit, from } = scale
  const shown: Proportion = unit === 'px' ? { across: 1, down: aspect } : scale
  switch (shape) {
    case 'length':
      return { is: 'length', length: length(scale, one, two), unit, from }
    case 'bidirectional': {
      if (three === undefined || four === undefined) return { is: 'length', length: length(scale, one, two), unit, from }
      return { is: 'two lengths', long: length(scale, one, two), short: length(scale, three, four), unit, from }
    }
    case 'angle':
      return three === undefined ? null : { is: 'angle', degrees: angle(shown, one, two, three) }
    case 'cobb':
      return three === undefined || four === undefined ? null : { is: 'angle', degrees: cobb(shown, [one, two], [three, four]) }
    case 'rectangle':
      return { is: 'area', area: Math.abs((two.x - one.x) * (two.y - one.y)) * scale.across * scale.down, unit, from }
    case 'ellipse':
      return { is: 'area', area: (Math.PI / 4) * Math.abs((two.x - one.x) * (two.y - one.y)) * scale.across * scale.down, unit, from }
    case 'polygon':
      return three === undefined ? null : { is: 'area', area: area(scale, points), unit, from }
    case 'point':
    case 'freehand':
    case 'arrow':
      return null
  }
}

type Proportion = Pick<Scale, 'across' | 'down'>

export function length({ across, down }: Proportion, from: Point, to: Point): number {
  return Math.hypot((to.x - from.x) * across, (to.y - from.y) * down)
}

/** Degrees, 0 to 180, between the ways from `corner` to the two others. */
export function angle(scale: Proportion, one: Point, corner: Point, other: Point): number {
  return between(way(scale, corner, one), way(scale, corner, other))
}

/** Cobb's: degrees, 0 to 90, between two lines, however they are drawn. */
export function cobb(scale: Proportion, first: readonly [Point, Point], second: readonly [Point, Point]): number {
  const found = between(way(scale, ...first), way(scale, ...second))
  return Math.min(found, 180 - found)
}

/** Of a polygon, its last corner joined to its first; in the unit's square. */
export function area({ across, down }: Proportion, corners: readonly Point[]): number {
  const doubled = corners.reduce((sum, { x, y }, at) => {
    const next = corners[(at + 1) % corners.length] ?? { x, y }
    return sum + x * next.y - next.x * y
  }, 0)
  return (Math.abs(doubled) / 2) * across * down
}

function way({ across, down }: Proportion, from: Point, to: Point): Point {
  return { x: (to.x - from.x) * across, y: (to.y - from.y) * down }
}

/** By the arc tangent, which is exact where the arc cosine is not: near 0 and 180. */
function between(one: Point, other: Point): number {
  const [cross, dot] = [one.x * other.y - one.y * other.x, one.x * other.x + one.y * other.y]
  return (Math.atan2(Math.abs(cross), dot) * 180) / Math.PI
}
