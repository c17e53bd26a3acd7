/** How one person looks at a series: which picture, how placed, how windowed, whether it runs. */
import type { Carried } from './carried'
import type { Frame } from './decoding'
import type { Point, Size } from './geometry'
import type { DicomPicture } from './manifest'
import { aspectOf } from './measuring'
import { spreadOf } from './painting'
import type { Step } from './series'
import { isPadding, real, type Showing, type Values } from './values'
import { type Picture, type View, whole } from './view'

export type Tool = 'window' | 'pan' | 'zoom' | 'scroll'
export const TOOLS: readonly Tool[] = ['window', 'pan', 'zoom', 'scroll']

/** Where neither the file nor the reader says how fast. */
const USUAL_MILLIS = 100
/** Of what is dragged across the window, so much of its values are passed over. */
const DRAG_SHARE = 1 / 300

export class Looking {
  readonly media: string
  readonly steps: readonly Step[]
  at = $state(0)
  /** The way one scrolls: what is fetched first. */
  direction = $state<1 | -1>(1)
  view = $state.raw<View>(whole({ width: 1, height: 1, aspect: 1 }))
  /** Chosen by whoever looks; null: as the file says, picture by picture. */
  window = $state.raw<{ readonly centre: number; readonly width: number } | null>(null)
  /** One of the file's tables; null: a window. */
  table = $state<number | null>(null)
  isInverted = $state(false)
  isPlaying = $state(false)
  /** Pictures a second; null: as the file says. */
  speed = $state<number | null>(null)
  tool = $state<Tool>('window')
  /** Where the hand points, in the picture. */
  pointer = $state.raw<Point | null>(null)

  /** `as`: exactly so; else the first picture, whole. */
  constructor(media: string, steps: readonly Step[], as: Carried | null = null) {
    this.media = media
    this.steps = steps
    this.view = whole(this.picture)
    if (as !== null) this.take(as)
    // Colours have no window.
    if (this.shown?.pixels.samples === 3) this.tool = steps.length > 1 ? 'scroll' : 'pan'
  }

  readonly step = $derived.by(() => this.steps[this.at] ?? null)
  readonly shown = $derived.by(() => dicomOf(this.step))
  readonly picture: Picture = $derived.by(() => pictureOf(this.shown))
  readonly values = $derived.by(() => valuesOf(this.step))
  readonly slice = $derived.by(() => this.shown?.frames[this.step?.frame ?? 0]?.slice ?? this.shown?.slice ?? null)

  /** How it is looked at now, for others and for later. */
  carried(): Carried {
    return {
      media: this.media,
      frame: this.at,
      view: this.view,
      window: this.window,
      isInverted: this.isInverted,
      seconds: null,
      isPlaying: this.isPlaying,
      pointer: this.pointer,
    }
  }

  /** As somebody else looks at it. */
  take({ media, frame, view, window, isInverted }: Carried): void {
    if (media !== this.media) return
    const at = Math.min(frame, Math.max(0, this.steps.length - 1))
    if (at !== this.at) this.direction = at > this.at ? 1 : -1
    this.at = at
    this.view = view
    this.window = window
    this.table = null
    this.isInverted = isInverted
    this.isPlaying = false
  }

  /** Another picture of the same series; one of another size is shown whole. */
  go(to: number): void {
    const at = Math.min(Math.max(to, 0), this.steps.length - 1)
    if (at === this.at) return
    const before = this.picture
    this.direction = at > this.at ? 1 : -1
    this.at = at
    const { width, height, aspect } = this.picture
    if (width !== before.width || height !== before.height || aspect !== before.aspect) this.view = whole(this.picture)
  }

  /** As it was at first, but for which picture it is. */
  reset(): void {
    this.view = whole(this.picture)
    this.window = null
    this.table = null
    this.isInverted = false
  }

  /** By which numbers `frame` is shown. */
  showing(frame: Frame | null): Showing {
    const values = this.values
    const table = this.table ?? (this.window === null && values !== null && values.windows.length === 0 && values.tables.length > 0 ? 0 : null)
    return { window: { name: '', ...this.windowOf(frame) }, table: this.window === null ? table : null, isInverted: this.isInverted }
  }

  windowOf(frame: Frame | null): { readonly centre: number; readonly width: number } {
    const values = this.values
    if (this.window !== null) return this.window
    const own = values?.windows[0]
    if (own !== undefined) return { centre: own.centre, width: own.width }
    return frame === null || values === null ? { centre: 128, width: 256 } : spreadOf(frame, values)
  }

  /** To the right wider, downwards darker, in proportion to what there is. */
  drag(by: Size, frame: Frame | null): void {
    const { centre, width } = this.windowOf(frame)
    const share = Math.max(width, smallest(this.values)) * DRAG_SHARE
    this.window = { centre: centre + by.height * share, width: Math.max(smallest(this.values), width + by.width * share) }
    this.table = null
  }

  /** Milliseconds until the next picture. */
  millis(): number {
    if (this.speed !== null) return 1000 / this.speed
    const told = this.shown?.frameMillis ?? null
    const one = typeof told === 'number' ? told : told?.[this.step?.frame ?? 0]
    return one !== undefined && one !== null && one > 0 ? one : USUAL_MILLIS
  }

  /** The real number at a pixel of `frame`; null outside of it and for colours. */
  valueAt(frame: Frame | null, x: number, y: number): number | null {
    const [column, row] = [Math.floor(x), Math.floor(y)]
    if (frame === null || this.values === null || frame.samples !== 1) return null
    if (column < 0 || row < 0 || column >= frame.width || row >= frame.height) return null
    const stored = frame.numbers[row * frame.width + column]
    return stored === undefined || isPadding(this.values, stored) ? null : real(this.values, stored)
  }
}

export function dicomOf(step: Step | null): DicomPicture | null {
  return step?.file.shown?.is === 'dicom' ? step.file.shown.picture : null
}

function pictureOf(shown: DicomPicture | null): Picture {
  return shown === null ? { width: 1, height: 1, aspect: 1 } : { width: shown.pixels.width, height: shown.pixels.height, aspect: aspectOf(shown) }
}

/** Of the file, and what it says of this frame alone. */
function valuesOf(step: Step | null): Values | null {
  const shown = dicomOf(step)
  if (step === null || shown?.values == null) return null
  const own = shown.frames[step.frame]
  if (own === undefined) return shown.values
  return {
    ...shown.values,
    slope: own.slope ?? shown.values.slope,
    intercept: own.intercept ?? shown.values.intercept,
    windows: own.windows.length > 0 ? own.windows : shown.values.windows,
  }
}

/** A window narrower than one stored number shows nothing more. */
const smallest = (values: Values | null): number => Math.max(Math.abs(values?.slope ?? 1), 1e-6)
