/**
 * Lengths, angles and areas, and in which unit they may be told: millimetres only where somebody calibrated them, and
 * always with where that is from (PS3.3 §10.7.1.3: at the detector a body is magnified, so that is no length in it).
 */
import type { Point } from './geometry'
import type { DicomPicture, Region, SpacingSource } from './manifest'

/** In which unit something at a place of the picture is measured. */
export interface Scale {
  readonly unit: 'mm' | 'px'
  /** Of a pixel across, and of one down, in that unit. */
  readonly across: number
  readonly down: number
  /** Null: nothing is known, and pixels are told. */
  readonly from: SpacingSource | null
}

const PIXELS: Scale = { unit: 'px', across: 1, down: 1, from: null }

/** The scale that holds for all of these places at once. */
export function scaleAt({ spacing, regions }: Pick<DicomPicture, 'spacing' | 'regions'>, places: readonly Point[]): Scale {
  const calibrated = regions.find((region) => region.row !== null && region.column !== null && places.every((place) => isIn(region, place)))
  if (calibrated !== undefined) return { unit: 'mm', across: calibrated.column ?? 1, down: calibrated.row ?? 1, from: 'ultrasound-region' }
  // The spacing of an ultrasound picture is that of its one region, and says nothing of what lies outside.
  if (spacing === null || spacing.from === 'ultrasound-region') return PIXELS
  return { unit: 'mm', across: spacing.column, down: spacing.row, from: spacing.from }
}

/** How much higher than wide a pixel is. */
export const aspectOf = ({ spacing }: Pick<DicomPicture, 'spacing'>): number => (spacing === null ? 1 : spacing.row / spacing.column)

export function length({ across, down }: Scale, from: Point, to: Point): number {
  return Math.hypot((to.x - from.x) * across, (to.y - from.y) * down)
}

/** Degrees, 0 to 180, between the ways from `corner` to the two others. */
export function angle(scale: Scale, one: Point, corner: Point, other: Point): number {
  return between(way(scale, corner, one), way(scale, corner, other))
}

/** Cobb's: degrees, 0 to 90, between two lines, however they are drawn. */
export function cobb(scale: Scale, first: readonly [Point, Point], second: readonly [Point, Point]): number {
  const found = between(way(scale, ...first), way(scale, ...second))
  return Math.min(found, 180 - found)
}

/** Of a polygon, its last corner joined to its first; in the unit's square. */
export function area({ across, down }: Scale, corners: readonly Point[]): number {
  const doubled = corners.reduce((sum, { x, y }, at) => {
    const next = corners[(at + 1) % corners.length] ?? { x, y }
    return sum + x * next.y - next.x * y
  }, 0)
  return (Math.abs(doubled) / 2) * across * down
}

function way({ across, down }: Scale, from: Point, to: Point): Point {
  return { x: (to.x - from.x) * across, y: (to.y - from.y) * down }
}

/** By the arc tangent, which is exact where the arc cosine is not: near 0 and 180. */
function between(one: Point, other: Point): number {
  const [cross, dot] = [one.x * other.y - one.y * other.x, one.x * other.x + one.y * other.y]
  return (Math.atan2(Math.abs(cross), dot) * 180) / Math.PI
}

const isIn = ({ left, top, right, bottom }: Region, { x, y }: Point): boolean => x >= left && x <= right + 1 && y >= top && y <= bottom + 1
