/** What keys do in a picture. Single letters can be turned off (WCAG 2.1.4); arrows and the like cannot be meant otherwise. */
import type { Frame } from './decoding'
import type { Size } from './geometry'
import type { Looking } from './looking.svelte'
import { fitting, mirrored, panned, scaled, turned, upended, zoomed } from './view'

export type KeyStep = (looking: Looking, size: Size, frame: Frame | null) => void

const ZOOM = 1.25
const PAN_PIXELS = 40
/** Of a dragging hand, in pixels. */
const WINDOW_PIXELS = 12
const MANY = 10

const panBy =
  (x: number, y: number): KeyStep =>
  (looking, size) =>
    void (looking.view = panned(looking.view, looking.picture, size, { x: 0, y: 0 }, { x, y }))

const zoomBy =
  (factor: number): KeyStep =>
  (looking, size) =>
    void (looking.view = zoomed(looking.view, looking.picture, size, factor, { x: size.width / 2, y: size.height / 2 }))

const goBy =
  (by: number): KeyStep =>
  (looking) =>
    looking.go(looking.at + by)

const windowBy =
  (width: number, height: number): KeyStep =>
  (looking, _, frame) =>
    looking.drag({ width, height }, frame)

const NAMED = new Map<string, KeyStep>([
  ['ArrowUp', goBy(-1)],
  ['ArrowDown', goBy(1)],
  ['PageUp', goBy(-MANY)],
  ['PageDown', goBy(MANY)],
  ['Home', (looking) => looking.go(0)],
  ['End', (looking) => looking.go(looking.steps.length - 1)],
])

const WITH_SHIFT = new Map<string, KeyStep>([
  ['ArrowLeft', panBy(PAN_PIXELS, 0)],
  ['ArrowRight', panBy(-PAN_PIXELS, 0)],
  ['ArrowUp', panBy(0, PAN_PIXELS)],
  ['ArrowDown', panBy(0, -PAN_PIXELS)],
])

const SINGLE = new Map<string, KeyStep>([
  ['+', zoomBy(ZOOM)],
  ['=', zoomBy(ZOOM)],
  ['-', zoomBy(1 / ZOOM)],
  ['0', (looking) => void (looking.view = fitting(looking.picture, looking.view))],
  ['1', (looking, size) => void (looking.view = scaled(looking.view, looking.picture, size, 1))],
  ['r', (looking) => void (looking.view = turned(looking.view, 90))],
  ['R', (looking) => void (looking.view = turned(looking.view, -90))],
  ['h', (looking) => void (looking.view = mirrored(looking.view))],
  ['v', (looking) => void (looking.view = upended(looking.view))],
  ['i', (looking) => void (looking.isInverted = !looking.isInverted)],
  ['[', windowBy(-WINDOW_PIXELS, 0)],
  [']', windowBy(WINDOW_PIXELS, 0)],
  [',', windowBy(0, -WINDOW_PIXELS)],
  ['.', windowBy(0, WINDOW_PIXELS)],
  ['Backspace', (looking) => looking.reset()],
  ['p', (looking) => void (looking.isPlaying = looking.steps.length > 1 && !looking.isPlaying)],
])

/** Null: the key is not ours. */
export function stepOfKey(key: string, isShifted: boolean, hasSingle: boolean): KeyStep | null {
  if (isShifted && WITH_SHIFT.has(key)) return WITH_SHIFT.get(key) ?? null
  return NAMED.get(key) ?? (hasSingle ? SINGLE.get(key) : undefined) ?? null
}
