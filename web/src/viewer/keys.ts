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

/** What is done to how a picture lies, by a control and by a key. */
export interface ViewAct {
  readonly name: 'closer' | 'farther' | 'fit' | 'oneToOne' | 'turnRight' | 'mirror' | 'upend'
  readonly key: string
  readonly step: ViewStep
}

/** In the order of the controls; the same for every kind of picture. [VIEW-22] */
export const VIEW_ACTS: readonly ViewAct[] = [
  { name: 'closer', key: '+', step: zoomBy(ZOOM) },
  { name: 'farther', key: '-', step: zoomBy(1 / ZOOM) },
  { name: 'fit', key: '0', step: (view, picture) => fitting(picture, view) },
  { name: 'oneToOne', key: '1', step: (view, picture, size) => scaled(view, picture, size, picture.lifeSize ?? 1) },
  { name: 'turnRight', key: 'r', step: (view) => turned(view, 90) },
  { name: 'mirror', key: 'h', step: (view) => mirrored(view) },
  { name: 'upend', key: 'v', step: (view) => upended(view) },
]

const VIEW_SINGLE = new Map<string, ViewStep>([
  ...VIEW_ACTS.map(({ key, step }) => [key, step] as const),
  // What + is without Shift.
  ['=', zoomBy(ZOOM)],
  ['R', (view) => turned(view, -90)],
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
