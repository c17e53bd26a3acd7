/**
 * From stored numbers to grey: the modality's rescaling, then a window or a table, then the sense of the scale
 * (PS3.3 §C.11.1, §C.11.2, §C.7.6.3.1.2). Computed once for every stored number, so that a change costs one look-up a pixel.
 */

export interface Table {
  /** The number that the first entry stands for. */
  readonly first: number
  readonly entries: readonly number[]
}

export interface Window {
  readonly centre: number
  readonly width: number
  /** As the file calls it; empty where it does not. */
  readonly name: string
}

export const WINDOW_FUNCTIONS = ['LINEAR', 'LINEAR_EXACT', 'SIGMOID'] as const
export type WindowFunction = (typeof WINDOW_FUNCTIONS)[number]

/** How stored numbers are to be read. */
export interface Values {
  readonly slope: number
  readonly intercept: number
  /** Instead of slope and intercept, where there is one. */
  readonly modalityTable: Table | null
  /** Of what comes of it: HU, or null. */
  readonly unit: string | null
  readonly windows: readonly Window[]
  readonly windowFunction: WindowFunction
  readonly tables: readonly Table[]
  /** The lowest is the brightest, as the file is stored. */
  readonly isInverted: boolean
  /** The stored number that is no picture. */
  readonly padding: number | null
  /** All from the one to this one are none (PS3.3 §C.7.5.1.1.2). */
  readonly paddingLimit?: number | null
}

/** By which of the file's tables, or by which window, it is shown; and whether black and white are exchanged on top. */
export interface Showing {
  readonly window: Window | null
  readonly table: number | null
  readonly isInverted: boolean
}

/** Whether a stored number is no picture. */
export function isPadding({ padding, paddingLimit }: Values, stored: number): boolean {
  if (padding === null) return false
  const limit = paddingLimit ?? padding
  return stored >= Math.min(padding, limit) && stored <= Math.max(padding, limit)
}

/** A stored number as the real one it stands for. */
export function real(values: Values, stored: number): number {
  return values.modalityTable === null ? stored * values.slope + values.intercept : looked(values.modalityTable, stored)
}

/**
 * The grey, 0 to 255, of every stored number from `lowest` to `highest`, both whole.
 *
 * What is no picture is black, whatever the scale's sense.
 */
export function greys(values: Values, showing: Showing, lowest: number, highest: number): Uint8ClampedArray {
  const table = new Uint8ClampedArray(highest - lowest + 1)
  const grey = greyOf(values, showing)
  for (let stored = lowest; stored <= highest; stored += 1) table[stored - lowest] = grey(stored)
  return table
}

/** The grey of one stored number, 0 to 255, not rounded: for those that are not whole. */
export function greyOf(values: Values, showing: Showing): (stored: number) => number {
  const chosen = showing.table === null ? null : (values.tables[showing.table] ?? null)
  const shown = chosen === null ? windowed(showing.window ?? { centre: 0.5, width: 1, name: '' }, values.windowFunction) : lookedGrey(chosen)
  const isInverted = values.isInverted !== showing.isInverted
  return (stored) => {
    if (isPadding(values, stored)) return 0
    const grey = Math.min(Math.max(shown(real(values, stored)), 0), 255)
    return isInverted ? 255 - grey : grey
  }
}

function windowed({ centre, width }: Window, by: WindowFunction): (value: number) => number {
  switch (by) {
    case 'SIGMOID':
      return (value) => 255 / (1 + Math.exp((-4 * (value - centre)) / width))
    case 'LINEAR_EXACT':
      return (value) => ((value - centre) / width + 0.5) * 255
    case 'LINEAR':
      // The standard has no narrower one of these than 1, a threshold; values that are fractions (Gy, SUV) need one.
      if (width < 1) return windowed({ centre, width, name: '' }, 'LINEAR_EXACT')
      if (width === 1) return (value) => (value > centre - 0.5 ? 255 : 0)
      return (value) => ((value - (centre - 0.5)) / (width - 1) + 0.5) * 255
  }
}

function lookedGrey(table: Table): (value: number) => number {
  const most = Math.max(1, ...extremes(table.entries))
  return (value) => (looked(table, value) * 255) / most
}

function looked({ first, entries }: Table, value: number): number {
  const at = Math.min(Math.max(Math.trunc(value) - first, 0), entries.length - 1)
  return entries[at] ?? 0
}

function extremes(numbers: readonly number[]): readonly [least: number, most: number] {
  return numbers.reduce<[number, number]>(([least, most], each) => [Math.min(least, each), Math.max(most, each)], [Infinity, -Infinity])
}
