/**
 * What a presenter's view is as it travels: short words in a fixed order, in the picture's own coordinates. Seven
 * figures are finer than anybody sees, and keep a message under 300 bytes whatever happens.
 */
import { SPEEDS } from './filmTime'
import type { Point } from './geometry'
import type { View } from './view'

/** All that a follower has to know. */
export interface Carried {
  readonly media: string
  /** Of its files and their frames, one after the other. */
  readonly frame: number
  readonly view: View
  /** Null: as the file says. */
  readonly window: { readonly centre: number; readonly width: number } | null
  readonly isInverted: boolean
  /** Of a film, in seconds; null for what does not move. */
  readonly seconds: number | null
  readonly isPlaying: boolean
  /** Where the presenter points, in the picture. */
  readonly pointer: Point | null
  /** Of a film that runs slower or faster than it was taken. */
  readonly speed?: number
  /** Another stands beside it, which does not travel. */
  readonly isOneOfTwo?: true
}

const VERSION = 1
const LONGEST_ID = 40
const FARTHEST = 1e10
/** What stands above the marks that are one bit each. */
const SPEED_MARK = 8
/** What stands above the speeds. */
const PAIR_MARK = 64

export type Packed = readonly (string | number | null)[]

export function pack({ media, frame, view, window, isInverted, seconds, isPlaying, pointer, speed, isOneOfTwo }: Carried): Packed {
  return [
    VERSION,
    media,
    frame,
    rounded(view.centre.x),
    rounded(view.centre.y),
    rounded(view.extent.width),
    rounded(view.extent.height),
    rounded(view.turn),
    (view.isMirrored ? 1 : 0) + (isInverted ? 2 : 0) + (isPlaying ? 4 : 0) + Math.max(0, SPEEDS.indexOf(speed ?? 1)) * SPEED_MARK + (isOneOfTwo === true ? PAIR_MARK : 0),
    window === null ? null : rounded(window.centre),
    window === null ? null : rounded(window.width),
    seconds === null ? null : Math.round(seconds * 1000) / 1000,
    pointer === null ? null : rounded(pointer.x),
    pointer === null ? null : rounded(pointer.y),
  ]
}

/** Null for what is no view of this release: it comes from others, and may be anything. */
export function unpack(packed: unknown): Carried | null {
  if (!Array.isArray(packed) || packed.length !== 14) return null
  const [version, media, frame, x, y, width, height, turn, marks, centre, wide, seconds, px, py] = packed as readonly unknown[]
  if (version !== VERSION || typeof media !== 'string' || media === '' || media.length > LONGEST_ID) return null
  if (!isWhole(frame) || !isWhole(marks) || !isNear(x) || !isNear(y) || !isNear(turn)) return null
  if (!isNear(width) || !isNear(height) || width <= 0 || height <= 0) return null
  const speed = SPEEDS[Math.floor((marks % PAIR_MARK) / SPEED_MARK)] ?? 1
  const hasWindow = isFinite(centre) && isFinite(wide) && wide > 0
  return {
    media,
    frame,
    view: { centre: { x, y }, extent: { width, height }, turn: ((turn % 360) + 360) % 360, isMirrored: (marks & 1) !== 0 },
    window: hasWindow ? { centre, width: wide } : null,
    isInverted: (marks & 2) !== 0,
    seconds: isFinite(seconds) && seconds >= 0 ? seconds : null,
    isPlaying: (marks & 4) !== 0,
    pointer: isNear(px) && isNear(py) ? { x: px, y: py } : null,
    ...(speed === 1 ? {} : { speed }),
    ...(marks >= PAIR_MARK ? { isOneOfTwo: true } : {}),
  }
}

/** Pictures have from one pixel to hundreds of thousands; windows of SUV are about 1, of CR about 10,000. */
const rounded = (value: number): number => Number(value.toPrecision(7))

const isFinite = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

const isWhole = (value: unknown): value is number => isFinite(value) && Number.isInteger(value) && value >= 0 && value < FARTHEST

const isNear = (value: unknown): value is number => isFinite(value) && Math.abs(value) <= FARTHEST
