/** Which passage of the record somebody reads, so that it means the same in a window of any width. */
import { SECTION_NAMES } from '../sections'

export interface Passage {
  /** A section, or the head above them. */
  readonly section: string
  /** Of the section's paragraphs; -1: its title. */
  readonly block: number
  /** How much of that paragraph is above the line that is read. */
  readonly percent: number
}

export const HEAD = 'head'
const MOST_BLOCKS = 100_000

export const packPassage = ({ section, block, percent }: Passage): readonly (string | number)[] => [section, block, percent]

/** Null for what is none: it comes from others. */
export function passageOf(packed: unknown): Passage | null {
  if (!Array.isArray(packed) || packed.length !== 3) return null
  const [section, block, percent] = packed as readonly unknown[]
  if (typeof section !== 'string' || (section !== HEAD && !SECTION_NAMES.some((name) => name === section))) return null
  if (!isWhole(block) || block < -1 || block > MOST_BLOCKS || !isWhole(percent) || percent < 0 || percent > 100) return null
  return { section, block, percent }
}

const isWhole = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value)

/** From above, of a box: what the reading line is compared with. */
export interface Lying {
  readonly top: number
  readonly bottom: number
}

/** The last of the boxes that begins above the line; -1: none does. */
export function lastAbove(boxes: readonly Lying[], line: number): number {
  let [low, high] = [0, boxes.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const box = boxes[middle]
    if (box !== undefined && box.top <= line) low = middle + 1
    else high = middle
  }
  return low - 1
}

export function percentOf({ top, bottom }: Lying, line: number): number {
  return bottom <= top ? 0 : Math.round(Math.min(1, Math.max(0, (line - top) / (bottom - top))) * 100)
}

export const lineAt = ({ top, bottom }: Lying, percent: number): number => top + ((bottom - top) * percent) / 100
