/** Rectangles that are to be made blank, in pixels of a picture: drawn, moved and resized by pointer or by keys. */
import type { Blank } from './api'

export interface Size {
  readonly width: number
  readonly height: number
}

export interface Point {
  readonly x: number
  readonly y: number
}

/** Smaller ones would be neither seen nor held. */
const LEAST = 4

/** From one corner to the other, whichever way it was drawn. */
export function between(a: Point, b: Point, within: Size, frame: number | null): Blank {
  const [left, right] = [Math.min(a.x, b.x), Math.max(a.x, b.x)]
  const [top, bottom] = [Math.min(a.y, b.y), Math.max(a.y, b.y)]
  return held({ frame, x: left, y: top, width: right - left, height: bottom - top }, within)
}

/** Whole pixels, all of it inside; what is drawn over an edge is cut off there, never less than it was meant to cover. */
export function held({ frame, x, y, width, height }: Blank, within: Size): Blank {
  const least = { width: Math.min(LEAST, within.width), height: Math.min(LEAST, within.height) }
  const left = clamp(Math.floor(x), 0, within.width - least.width)
  const top = clamp(Math.floor(y), 0, within.height - least.height)
  const right = clamp(Math.ceil(x + width), left + least.width, within.width)
  const bottom = clamp(Math.ceil(y + height), top + least.height, within.height)
  return { frame, x: left, y: top, width: right - left, height: bottom - top }
}

/** Keeps its size: at an edge it stops. */
export function shifted(blank: Blank, by: Point, within: Size): Blank {
  const x = clamp(Math.round(blank.x + by.x), 0, within.width - blank.width)
  const y = clamp(Math.round(blank.y + by.y), 0, within.height - blank.height)
  return { ...blank, x, y }
}

export const CORNERS = ['nw', 'ne', 'sw', 'se'] as const
export type Corner = (typeof CORNERS)[number]

/** One corner goes to a point; the opposite one stays. */
export function stretched(blank: Blank, corner: Corner, to: Point, within: Size): Blank {
  const opposite = {
    x: corner === 'nw' || corner === 'sw' ? blank.x + blank.width : blank.x,
    y: corner === 'nw' || corner === 'ne' ? blank.y + blank.height : blank.y,
  }
  return between(opposite, to, within, blank.frame)
}

export interface Press {
  readonly key: string
  readonly shiftKey: boolean
  readonly altKey: boolean
}

/** Arrows move, with Shift they make wider and higher or less so; with Alt by single pixels. Null: not a key of ours. */
export function pressed(blank: Blank, { key, shiftKey, altKey }: Press, within: Size): Blank | null {
  const step = altKey ? 1 : Math.max(1, Math.round(Math.min(within.width, within.height) / 50))
  const ways: Readonly<Record<string, Point>> = {
    ArrowLeft: { x: -step, y: 0 },
    ArrowRight: { x: step, y: 0 },
    ArrowUp: { x: 0, y: -step },
    ArrowDown: { x: 0, y: step },
  }
  const by = ways[key]
  if (by === undefined) return null
  if (!shiftKey) return shifted(blank, by, within)
  return held({ ...blank, width: Math.max(LEAST, blank.width + by.x), height: Math.max(LEAST, blank.height + by.y) }, within)
}

/** A new one for those who do not draw: in the middle, a quarter as wide. */
export function fresh(within: Size, frame: number | null): Blank {
  const [width, height] = [within.width / 4, within.height / 8]
  return held({ frame, x: (within.width - width) / 2, y: (within.height - height) / 2, width, height }, within)
}

export function isOn({ frame }: Blank, shown: number | null): boolean {
  return frame === null || shown === null || frame === shown
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), Math.max(least, most))
}
