/** What keys do in a picture. Single letters can be turned off (WCAG 2.1.4); arrows and the like cannot be meant otherwise. */
import type { Frame } from './decoding'
import type { Size } from './geometry'
import type { Looking } from './looking.svelte'
import { fitting, mirrored, type Picture, panned, scaled, turned, upended, type View, zoomed } from './view'

export type KeyStep = (looking: Looking, size: Size, frame: Frame | null) => void

const ZOOM = 1.25
const PAN_PIXELS = 40
/** Of a dragging hand, in pixels. */
const WINDOW_PIXELS = 12
const MANY = 10

/** Of a view alone: what every kind of picture has. */
export type ViewStep = (view: View, picture: Picture, size: Size) => View

const panBy =
  (x: number, y: number): ViewStep =>
  (view, picture, size) =>
    panned(view, picture, size, { x: 0, y: 0 }, { x, y })

const zoomBy =
  (factor: number): ViewStep =>
  (view, picture, size) =>
    zoomed(view, picture, size, factor, { x: size.width / 2, y: size.height / 2 })

const VIEW_WITH_SHIFT = new Map<string, ViewStep>([
  ['ArrowLeft', panBy(PAN_PIXELS, 0)],
  ['ArrowRight', panBy(-PAN_PIXELS, 0)],
  ['ArrowUp', panBy(0, PAN_PIXELS)],
  ['ArrowDown', panBy(0, -PAN_PIXELS)],
])

const VIEW_SINGLE = new Map<string, ViewStep>([
  ['+', zoomBy(ZOOM)],
  ['=', zoomBy(ZOOM)],
  ['-', zoomBy(1 / ZOOM)],
  ['0', (view, picture) => fitting(picture, view)],
  ['1', (view, picture, size) => scaled(view, picture, size, 1)],
  ['r', (view) => turned(view, 90)],
  ['R', (view) => turned(view, -90)],
  ['h', (view) => mirrored(view)],
  ['v', (view) => upended(view)],
])

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

const SINGLE = new Map<string, KeyStep>([
  ['i', (looking) => void (looking.isInverted = !looking.isInverted)],
  ['[', windowBy(-WINDOW_PIXELS, 0)],
  [']', windowBy(WINDOW_PIXELS, 0)],
  [',', windowBy(0, -WINDOW_PIXELS)],
  ['.', windowBy(0, WINDOW_PIXELS)],
  ['Backspace', (looking) => looking.reset()],
  ['p', (looking) => void (looking.isPlaying = looking.steps.length > 1 && !looking.isPlaying)],
])

/** Of a picture that does not move and has no window. Null: the key is not ours. */
export function photoStepOfKey(key: string, isShifted: boolean, hasSingle: boolean): ViewStep | null {
  return (isShifted ? VIEW_WITH_SHIFT.get(key) : undefined) ?? (hasSingle ? VIEW_SINGLE.get(key) : undefined) ?? null
}

/** Of a series. Null: the key is not ours. */
export function stepOfKey(key: string, isShifted: boolean, hasSingle: boolean): KeyStep | null {
  const ofView = photoStepOfKey(key, isShifted, hasSingle)
  if (ofView !== null) return (looking, size) => void (looking.view = ofView(looking.view, looking.picture, size))
  return NAMED.get(key) ?? (hasSingle ? SINGLE.get(key) : undefined) ?? null
}

/** Whether somebody stands in the same dialog, or on the same page where there is none; of two beside each other the one that has the keys. */
export function isBeside(root: Element | undefined, target: EventTarget | null): boolean {
  return root !== undefined && root.closest('[data-idle]') === null && target instanceof Element && target.closest('dialog') === root.closest('dialog')
}
