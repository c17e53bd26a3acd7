/** Numbers of a frame as the colours of a canvas. */
import type { Frame } from './decoding'
import { greyOf, greys, isPadding, real, type Showing, type Values } from './values'

/** As many as can be looked up: all that 16 bits hold. Others are computed one by one. */
const MOST_LOOKED_UP = 65_536
const OPAQUE = 0xff000000
/** Of the values, between which they are spread where the file names no window. */
const SPREAD = [0.005, 0.995] as const
/** So many are looked at for it. */
const SAMPLE = 50_000

/** Paints as many pixels of one frame as there is room `into`, from its pixel `first` on. */
export type Painter = (into: Uint32Array, first: number) => void

/** Red, green, blue, opaque, one byte each, as `ImageData` has them. What holds for all pixels is computed once, here. */
export function painterOf(frame: Frame, values: Values | null, showing: Showing): Painter {
  if (frame.samples === 3) return (into, first) => paintColours(frame, into, first)
  if (values === null) return byTable(frame, plainTable(), 0)
  const [lowest, highest] = extremesOf(frame)
  const isWhole = !(frame.numbers instanceof Float32Array || frame.numbers instanceof Float64Array)
  if (isWhole && highest - lowest < MOST_LOOKED_UP) return byTable(frame, coloured(greys(values, showing, lowest, highest)), lowest)
  const greyAt = greyOf(values, showing)
  return (into, first) => paintOneByOne(frame, greyAt, into, first)
}

/** All of it. `into`: as many as the frame has pixels. */
export function paint(frame: Frame, values: Values | null, showing: Showing, into: Uint32Array): void {
  painterOf(frame, values, showing)(into, 0)
}

interface Spread {
  readonly centre: number
  readonly width: number
}

/** Sorting is not done anew for each of those who ask, nor for each movement of a hand. */
const spreads = new WeakMap<Frame, Spread>()

/** A window in real numbers that shows most of what a frame holds. */
export function spreadOf(frame: Frame, values: Values): Spread {
  const found = spreads.get(frame) ?? spread(frame, values)
  spreads.set(frame, found)
  return found
}

function spread(frame: Frame, values: Values): Spread {
  const step = Math.max(1, Math.floor(frame.numbers.length / SAMPLE))
  const seen: number[] = []
  for (let at = 0; at < frame.numbers.length; at += step) {
    const stored = frame.numbers[at] ?? 0
    if (!isPadding(values, stored) && Number.isFinite(stored)) seen.push(real(values, stored))
  }
  seen.sort((one, other) => one - other)
  const [least = 0, most = 0] = SPREAD.map((share) => seen[Math.round(share * (seen.length - 1))])
  return { centre: (least + most) / 2, width: Math.max(most - least, values.modalityTable === null ? Math.abs(values.slope) : 1) }
}

/** Told of each frame once: it takes as long as painting. */
const known = new WeakMap<Frame, readonly [number, number]>()

function extremesOf(frame: Frame): readonly [lowest: number, highest: number] {
  const found = known.get(frame)
  if (found !== undefined) return found
  let [lowest, highest] = [Infinity, -Infinity]
  for (const each of frame.numbers) {
    if (each < lowest) lowest = each
    if (each > highest) highest = each
  }
  known.set(frame, [lowest, highest])
  return [lowest, highest]
}

const grey = (level: number): number => OPAQUE | (level << 16) | (level << 8) | level

const coloured = (levels: Uint8ClampedArray): Uint32Array => Uint32Array.from(levels, grey)

const plainTable = (): Uint32Array => Uint32Array.from({ length: 256 }, (_, level) => grey(level))

const byTable =
  (frame: Frame, table: Uint32Array, lowest: number): Painter =>
  (into, first) =>
    paintGreys(frame, table, lowest, into, first)

function paintGreys({ numbers }: Frame, table: Uint32Array, lowest: number, into: Uint32Array, first: number): void {
  const length = Math.min(into.length, numbers.length - first)
  for (let at = 0; at < length; at += 1) into[at] = table[(numbers[first + at] as number) - lowest] as number
}

function paintOneByOne({ numbers }: Frame, greyAt: (stored: number) => number, into: Uint32Array, first: number): void {
  const length = Math.min(into.length, numbers.length - first)
  for (let at = 0; at < length; at += 1) into[at] = grey(Math.round(greyAt(numbers[first + at] ?? 0)))
}

function paintColours({ numbers }: Frame, into: Uint32Array, first: number): void {
  for (let at = 0, from = 3 * first; at < into.length; at += 1, from += 3) {
    into[at] = OPAQUE | ((numbers[from + 2] ?? 0) << 16) | ((numbers[from + 1] ?? 0) << 8) | (numbers[from] ?? 0)
  }
}
