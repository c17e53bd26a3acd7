/**
 * A large frame at the resolution of a screen: of what is in sight, one number for each pixel that shows it, the mean of
 * those that lie under it. No DOM. [VIEW-25]
 */
import type { Frame, Numbers } from './decoding'
import { type Affine, inverse, mapped, type Size } from './geometry'
import { isPadding, type Values } from './values'

/** In whole pixels of a frame. */
export interface Part extends Size {
  readonly left: number
  readonly top: number
}

export interface Sampling {
  readonly part: Part
  /** In so many numbers; never more than the part has. */
  readonly size: Size
}

/** Screens with more pixels see fewer than they have, as long as a hand moves: a hundred thousand take about a millisecond. */
const MOST_NUMBERS = 2_000_000
/** Of the frame's pixels, between two stops: some milliseconds. */
const PIECE = 2 ** 19
/** What is smoothed at the window's edge reaches beyond it. */
const MARGIN = 1

/** `placed` leads from the frame's pixels to those of the window. */
export function samplingOf(frame: Size, placed: Affine, window: Size): Sampling {
  const back = inverse(placed)
  const corners = [mapped(back, { x: 0, y: 0 }), mapped(back, { x: window.width, y: 0 }), mapped(back, { x: 0, y: window.height }), mapped(back, { x: window.width, y: window.height })]
  const [left, width] = span(corners.map(({ x }) => x), frame.width)
  const [top, height] = span(corners.map(({ y }) => y), frame.height)
  const wanted = { width: Math.min(width, width * Math.hypot(placed.a, placed.b)), height: Math.min(height, height * Math.hypot(placed.c, placed.d)) }
  const less = Math.min(1, Math.sqrt(MOST_NUMBERS / (wanted.width * wanted.height)))
  return { part: { left, top, width, height }, size: { width: Math.ceil(wanted.width * less), height: Math.ceil(wanted.height * less) } }
}

export function isSame(one: Sampling, other: Sampling): boolean {
  const { part, size } = one
  return (
    part.left === other.part.left && part.top === other.part.top && part.width === other.part.width && part.height === other.part.height &&
    size.width === other.size.width && size.height === other.size.height
  )
}

/** Of the same kind of numbers; what is no picture counts only where there is nothing else. For greys. */
export function sampled(frame: Frame, sampling: Sampling, values: Values): Frame {
  const making = samplePieces(frame, sampling, values)
  for (;;) {
    const piece = making.next()
    if (piece.done === true) return piece.value
  }
}

/** The same, with a stop after each piece. */
export function* samplePieces({ width, numbers }: Frame, { part, size }: Sampling, values: Values): Generator<void, Frame> {
  const columns = edges(part.left, part.width, size.width)
  const rows = edges(part.top, part.height, size.height)
  const means = numbers.slice(0, size.width * size.height)
  const isWhole = !(numbers instanceof Float32Array || numbers instanceof Float64Array)
  const [sums, counts] = [new Float64Array(size.width), new Uint32Array(size.width)]
  const rowsApart = Math.max(1, Math.floor((PIECE * size.height) / (part.width * part.height)))
  for (let row = 0; row < size.height; row += 1) {
    if (row > 0 && row % rowsApart === 0) yield
    sums.fill(0)
    counts.fill(0)
    for (let y = rows[row] as number; y < (rows[row + 1] as number); y += 1) addRow(numbers, y * width, columns, values, sums, counts)
    for (let column = 0, to = row * size.width; column < size.width; column += 1, to += 1) {
      const [sum, count] = [sums[column] as number, counts[column] as number]
      const mean = count === 0 ? (values.padding ?? 0) : sum / count
      means[to] = isWhole ? Math.round(mean) : mean
    }
  }
  return { ...size, samples: 1, numbers: means }
}

function addRow(numbers: Numbers, start: number, columns: Int32Array, values: Values, sums: Float64Array, counts: Uint32Array): void {
  const hasPadding = values.padding !== null
  for (let column = 0, x = columns[0] as number; column < sums.length; column += 1) {
    const end = columns[column + 1] as number
    let [sum, count] = [0, 0]
    for (; x < end; x += 1) {
      const stored = numbers[start + x] as number
      if (hasPadding && isPadding(values, stored)) continue
      sum += stored
      count += 1
    }
    sums[column] = (sums[column] as number) + sum
    counts[column] = (counts[column] as number) + count
  }
}

/** Where each of `count` begins, and the last one ends. */
const edges = (from: number, length: number, count: number): Int32Array => Int32Array.from({ length: count + 1 }, (_, at) => from + Math.floor((at * length) / count))

/** From the first to the last of `seen` that a frame of `length` has: one pixel at least. */
function span(seen: readonly number[], length: number): readonly [from: number, length: number] {
  const from = Math.min(Math.max(Math.floor(Math.min(...seen)) - MARGIN, 0), length - 1)
  const to = Math.min(Math.max(Math.ceil(Math.max(...seen)) + MARGIN, from + 1), length)
  return [from, to - from]
}
