/** A sheet of ECG paper in millimetres: where each lead stands, and what lengths on it mean. */
import type { Curves, Lead } from './curves'
import type { Point } from './geometry'
import type { Picture } from './view'

/** Millimetres a second; the first is what everybody expects. */
export const PAPER_SPEEDS = [25, 50] as const
/** Millimetres a millivolt. */
export const GAINS = [10, 5, 20] as const
export type PaperSpeed = (typeof PAPER_SPEEDS)[number]
export type Gain = (typeof GAINS)[number]
export type Layout = 'columns' | 'lines'

const STANDARD = ['I', 'II', 'III', 'aVR', 'aVL', 'aVF', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6'] as const
const COLUMNS = [
  ['I', 'II', 'III'],
  ['aVR', 'aVL', 'aVF'],
  ['V1', 'V2', 'V3'],
  ['V4', 'V5', 'V6'],
] as const
const RHYTHM = 'II'
/** With fewer of the twelve a sheet of columns would be holes. */
const LEAST_STANDARD = 8
/** A sheet shows ten seconds; of longer ones the lines show all. */
const COLUMN_SECONDS = 10
export const ROW_MM = 30
export const TOP_MM = 8
/** Room for the pulse. */
export const LEFT_MM = 16
export const RIGHT_MM = 4
/** As CSS counts: paper is as large on the screen as in the hand. */
const PIXELS_PER_MM = 96 / 25.4
/** How long the pulse of one millivolt is, on every paper. */
export const PULSE_MM = 5

/** A piece of a lead on the paper. */
export interface Strip {
  readonly name: string
  /** Null: the file does not have it. */
  readonly lead: Lead | null
  /** Where its zero line begins. */
  readonly x: number
  readonly y: number
  /** What of it is shown. */
  readonly from: number
  readonly seconds: number
  /** Whether a row begins here: with a pulse. */
  readonly isFirst: boolean
}

export interface Paper extends Picture {
  readonly strips: readonly Strip[]
}

export function mayBeColumns({ leads }: Curves): boolean {
  return STANDARD.filter((name) => leads.some((lead) => lead.name === name)).length >= LEAST_STANDARD
}

export function paperOf(curves: Curves, layout: Layout, speed: PaperSpeed): Paper {
  const inColumns = layout === 'columns' && mayBeColumns(curves)
  const seconds = inColumns ? Math.min(curves.seconds, COLUMN_SECONDS) : curves.seconds
  const strips = inColumns ? columns(curves, seconds, speed) : lines(curves, seconds)
  const rows = inColumns ? 4 : curves.leads.length
  return { width: Math.ceil(LEFT_MM + seconds * speed + RIGHT_MM), height: TOP_MM + rows * ROW_MM, aspect: 1, lifeSize: PIXELS_PER_MM, strips }
}

function columns(curves: Curves, seconds: number, speed: PaperSpeed): readonly Strip[] {
  const part = seconds / COLUMNS.length
  const find = (name: string): Lead | null => curves.leads.find((lead) => lead.name === name) ?? null
  const parts = COLUMNS.flatMap((names, column) =>
    names.map((name, row) => ({ name, lead: find(name), x: LEFT_MM + column * part * speed, y: rowAt(row), from: column * part, seconds: part, isFirst: column === 0 })),
  )
  return [...parts, { name: RHYTHM, lead: find(RHYTHM), x: LEFT_MM, y: rowAt(3), from: 0, seconds, isFirst: true }]
}

function lines({ leads }: Curves, seconds: number): readonly Strip[] {
  return leads.map((lead, row) => ({ name: lead.name, lead, x: LEFT_MM, y: rowAt(row), from: 0, seconds, isFirst: true }))
}

/** Its zero line. */
const rowAt = (row: number): number => TOP_MM + row * ROW_MM + ROW_MM / 2

export const rowOf = ({ y }: Strip): number => Math.round((y - rowAt(0)) / ROW_MM)

/**
 * A strip as a line on the paper. Where a millimetre holds more numbers than it has points, the highest and the lowest
 * of each stand for all: a spike of one sample stays, however small it is drawn.
 */
export function lineOf(strip: Strip, hertz: number, speed: PaperSpeed, gain: Gain, pointsPerMm: number): readonly Point[] {
  const { lead, x, y, from, seconds } = strip
  if (lead === null) return []
  const [first, last] = [Math.round(from * hertz), Math.min(Math.round((from + seconds) * hertz), lead.values.length - 1)]
  const each = Math.max(1, Math.floor(hertz / speed / Math.max(pointsPerMm, 0.01)))
  const at = (index: number): Point => ({ x: x + ((index - from * hertz) / hertz) * speed, y: y - ((lead.values[index] ?? 0) / 1000) * gain })
  const line: Point[] = []
  for (let start = first; start <= last; start += each) {
    let [low, high] = [start, start]
    for (let index = start; index < Math.min(start + each, last + 1); index += 1) {
      if ((lead.values[index] ?? 0) < (lead.values[low] ?? 0)) low = index
      if ((lead.values[index] ?? 0) > (lead.values[high] ?? 0)) high = index
    }
    for (const index of low === high ? [low] : [Math.min(low, high), Math.max(low, high)]) line.push(at(index))
  }
  return line
}

/** Two places on the paper. */
export interface Calipers {
  readonly one: Point
  readonly other: Point
}

export interface Measured {
  readonly milliseconds: number
  /** Beats a minute, were the two one beat apart; null: they are at the same time. */
  readonly perMinute: number | null
  readonly millivolts: number
}

export function measured({ one, other }: Calipers, speed: PaperSpeed, gain: Gain): Measured {
  const seconds = Math.abs(other.x - one.x) / speed
  const milliseconds = Math.round(seconds * 1000)
  return { milliseconds, perMinute: milliseconds === 0 ? null : 60 / seconds, millivolts: Math.abs(other.y - one.y) / gain }
}

/** Where they lie at first: a second apart, about a row, in the middle of what is seen. */
export function calipersAt(middle: Point, speed: PaperSpeed, gain: Gain): Calipers {
  return { one: { x: middle.x - speed / 2, y: middle.y }, other: { x: middle.x + speed / 2, y: middle.y - gain } }
}

/** How paper runs. */
export interface Print {
  readonly speed: PaperSpeed
  readonly gain: Gain
}

/** What a place means, on whatever paper. */
export interface Reading {
  /** From 0. */
  readonly row: number
  /** After the row began. */
  readonly seconds: number
  /** Above its zero line. */
  readonly millivolts: number
}

export const readingAt = ({ x, y }: Point, row: number, { speed, gain }: Print): Reading => ({ row, seconds: (x - LEFT_MM) / speed, millivolts: (rowAt(row) - y) / gain })

export const placeAt = ({ row, seconds, millivolts }: Reading, { speed, gain }: Print): Point => ({ x: LEFT_MM + seconds * speed, y: rowAt(row) - millivolts * gain })

/** On paper of another speed and gain, the same moments and voltages of the same row. */
export function onPaper(at: Point, from: Print, to: Print): Point {
  const row = Math.max(0, Math.round((at.y - rowAt(0)) / ROW_MM))
  return placeAt(readingAt(at, row, from), to)
}
