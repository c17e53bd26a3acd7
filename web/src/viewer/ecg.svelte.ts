/** How one person looks at an ECG: how its paper is laid out and runs, how it is placed, where the calipers stand. */
import type { Carried } from './carried'
import { areCalibrated, type Curves } from './curves'
import type { Point } from './geometry'
import { type Calipers, calipersAt, GAINS, type Gain, type Layout, mayBeColumns, measured, onPaper, type Paper, PAPER_SPEEDS, paperOf, type PaperSpeed } from './paper'
import { type View, whole } from './view'

/** In a link: as columns, as lines. */
const LAYOUTS: readonly Layout[] = ['columns', 'lines']

export const sheetOf = (frame: number): number => Math.floor(frame / LAYOUTS.length)
export const layoutOf = (frame: number): Layout => LAYOUTS[frame % LAYOUTS.length] ?? 'columns'

export class EcgLooking {
  readonly media: string
  /** Of each file that the medium holds. */
  readonly sheets: readonly Curves[]
  at = $state(0)
  layout = $state<Layout>('columns')
  speed = $state<PaperSpeed>(PAPER_SPEEDS[0])
  gain = $state<Gain>(GAINS[0])
  view = $state.raw<View>(whole({ width: 1, height: 1, aspect: 1 }))
  calipers = $state.raw<Calipers | null>(null)
  /** Where the hand points, on the paper. */
  pointer = $state.raw<Point | null>(null)

  /** `as`: exactly so; else the first sheet, whole. */
  constructor(media: string, sheets: readonly Curves[], as: Carried | null) {
    this.media = media
    this.sheets = sheets
    if (this.curves !== null && !mayBeColumns(this.curves)) this.layout = 'lines'
    this.view = whole(this.picture)
    if (as !== null) this.take(as)
  }

  readonly curves: Curves | null = $derived.by(() => this.sheets[this.at] ?? null)
  readonly picture: Paper = $derived.by(() => (this.curves === null ? { width: 1, height: 1, aspect: 1, strips: [] } : paperOf(this.curves, this.layout, this.speed)))
  readonly measured = $derived.by(() => (this.calipers === null ? null : measured(this.calipers, this.speed, this.gain)))
  /** Millivolts are told where every lead on the paper has them. */
  readonly isCalibrated: boolean = $derived.by(() => this.curves !== null && areCalibrated(this.curves))
  /** Which of a file's pictures it is: each layout of a sheet is one. */
  readonly frame: number = $derived.by(() => this.at * LAYOUTS.length + LAYOUTS.indexOf(this.layout))

  /** Speed and gain are to an ECG what a window is to measured values. */
  carried(): Carried {
    return {
      media: this.media,
      frame: this.frame,
      view: this.view,
      window: { centre: this.speed, width: this.gain },
      isInverted: false,
      seconds: null,
      isPlaying: false,
      pointer: this.pointer,
    }
  }

  take({ media, frame, view, window }: Carried): void {
    if (media !== this.media) return
    this.at = Math.min(sheetOf(frame), Math.max(0, this.sheets.length - 1))
    this.layout = layoutOf(frame)
    this.#print(PAPER_SPEEDS.find((each) => each === window?.centre) ?? PAPER_SPEEDS[0], GAINS.find((each) => each === window?.width) ?? GAINS[0])
    this.view = view
  }

  /** Of frames that look the same one stands for all: with too few leads for columns there are lines either way. Null: there is no such sheet. */
  pictureOf(frame: number): number | null {
    const curves = this.sheets[sheetOf(frame)]
    if (curves === undefined) return null
    return mayBeColumns(curves) ? frame : sheetOf(frame) * LAYOUTS.length + LAYOUTS.indexOf('lines')
  }

  go(to: number): void {
    this.#show(Math.min(Math.max(to, 0), this.sheets.length - 1), this.layout)
  }

  lay(layout: Layout): void {
    this.#show(this.at, layout)
  }

  /** A picture that there is. */
  goToFrame(frame: number): void {
    if (this.pictureOf(frame) !== null) this.#show(sheetOf(frame), layoutOf(frame))
  }

  #show(at: number, layout: Layout): void {
    this.at = at
    this.layout = layout
    this.calipers = null
    this.view = whole(this.picture)
  }

  setSpeed(speed: PaperSpeed): void {
    this.#print(speed, this.gain)
    this.view = whole(this.picture)
  }

  setGain(gain: Gain): void {
    this.#print(this.speed, gain)
  }

  toggleCalipers(): void {
    this.calipers = this.calipers === null ? calipersAt(this.view.centre, this.speed, this.gain) : null
  }

  /** One of the two to a place on the paper. */
  put(which: keyof Calipers, at: Point): void {
    if (this.calipers === null) return
    const { width, height } = this.picture
    this.calipers = { ...this.calipers, [which]: { x: Math.min(Math.max(at.x, 0), width), y: Math.min(Math.max(at.y, 0), height) } }
  }

  /** By seconds and millivolts, later and higher positive. */
  nudge(which: keyof Calipers, seconds: number, millivolts: number): void {
    const at = this.calipers?.[which]
    if (at !== undefined) this.put(which, { x: at.x + seconds * this.speed, y: at.y - millivolts * this.gain })
  }

  /** On other paper; the calipers stay at their moments. */
  #print(speed: PaperSpeed, gain: Gain): void {
    const before = { speed: this.speed, gain: this.gain }
    this.speed = speed
    this.gain = gain
    const held = this.calipers
    if (held !== null) this.calipers = { one: onPaper(held.one, before, { speed, gain }), other: onPaper(held.other, before, { speed, gain }) }
  }
}
