/** What is seen of a series: the frame that is looked at, coarse until it is here, windowed and placed. [VIEW-7] [VIEW-21] */
import { wait } from '../media/waiting'
import type { Frame } from './decoding'
import type { Affine } from './geometry'
import type { Looking } from './looking.svelte'
import type { Coarse } from './manifest'
import { coarseOf, type OpenedSeries, readCoarse, readStep } from './opening'
import { paint } from './painting'
import { Stack } from './stack'
import type { Whereabouts } from './wanted'

/** Larger than this a pixel is shown as a square: between pixels nothing was measured. */
const SQUARE_FROM = 8

/** Made while a component is made, and gone with it. */
export class Seeing {
  readonly #looking: Looking
  readonly #opened: OpenedSeries
  readonly #frames: Stack
  /** Counts what arrives, so that what is shown is drawn again. */
  #arrivals = $state(0)

  constructor(looking: Looking, opened: OpenedSeries) {
    this.#looking = looking
    this.#opened = opened
    const reader = (read: typeof readStep) => ({
      read(at: number, stop: AbortSignal): Promise<Frame> {
        const step = opened.steps[at]
        return step === undefined ? Promise.reject(new Error('there is no such picture')) : read(step, opened.addresses, stop)
      },
      wait,
      sizeOf: ({ numbers }: Frame) => numbers.byteLength,
    })
    const hasCoarse = (at: number): boolean => this.#coarseAt(at) !== null
    this.#frames = new Stack({ exact: reader(readStep), coarse: reader(readCoarse), hasCoarse }, () => void (this.#arrivals += 1))
    $effect(() => {
      if (looking.shown !== null) this.#frames.want(looking.at, looking.direction, looking.steps.length)
    })
    $effect(() => () => this.#frames.end())
  }

  readonly frame = $derived.by(() => this.exact(this.#looking.at))
  /** The exact one, or the coarse one until it is here; no number is told of that. */
  readonly seen = $derived.by(() => this.frame ?? this.coarse(this.#looking.at))
  readonly isCoarse = $derived.by(() => this.frame === null && this.seen !== null)
  readonly state: Whereabouts = $derived.by(() => (void this.#arrivals, this.#frames.state(this.#looking.at)))

  exact(at: number): Frame | null {
    return void this.#arrivals, this.#frames.get(at)
  }

  coarse(at: number): Frame | null {
    return void this.#arrivals, this.#frames.coarse(at)
  }

  /** What could not be had is asked for again. */
  again(): void {
    this.#frames.again()
    this.#arrivals += 1
  }

  /** Windowed once for as long as numbers and window are the same; placing it costs nothing then. */
  readonly #painted = $derived.by(() => {
    const { seen } = this
    if (seen === null) return null
    const canvas = new OffscreenCanvas(seen.width, seen.height)
    const context = canvas.getContext('2d')
    if (context === null) return null
    const image = new ImageData(seen.width, seen.height)
    paint(seen, this.#looking.values, this.#looking.showing(seen), new Uint32Array(image.data.buffer))
    context.putImageData(image, 0, 0)
    return canvas
  })

  draw(context: CanvasRenderingContext2D, { a, b, c, d, e, f }: Affine): void {
    const painted = this.#painted
    if (painted === null) return
    const step = this.frame === null ? (this.#coarseAt(this.#looking.at)?.step ?? 1) : 1
    context.setTransform(a, b, c, d, e, f)
    context.imageSmoothingEnabled = step > 1 || Math.hypot(a, b) < SQUARE_FROM
    context.imageSmoothingQuality = 'high'
    context.drawImage(painted, 0, 0, painted.width * step, painted.height * step)
  }

  #coarseAt(at: number): Coarse | null {
    const step = this.#opened.steps[at]
    return step === undefined ? null : coarseOf(step.file)
  }
}
