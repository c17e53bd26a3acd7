/**
 * In which unit something may be measured at a place: in millimetres only where somebody calibrated them, and always with
 * where that is from (PS3.3 §10.7.1.3: at the detector a body is magnified, so that is no length in it).
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

const isIn = ({ left, top, right, bottom }: Region, { x, y }: Point): boolean => x >= left && x <= right + 1 && y >= top && y <= bottom + 1
