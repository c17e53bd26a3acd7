/** What is seen of a series: the frame that is looked at, coarse until it is here, windowed and placed. [VIEW-7] [VIEW-21] [VIEW-25] */
import { wait } from '../media/waiting'
import type { Frame } from './decoding'
import { type Affine, product, type Size, scaling } from './geometry'
import type { Looking } from './looking.svelte'
import type { Coarse } from './manifest'
import { coarseOf, type OpenedSeries, readCoarse, readStep } from './opening'
import { Stack } from './stack'
import type { Whereabouts } from './wanted'
import { contextOf, InSight, isLarge, type LargeWindowed, paintWhole, pieces, type Windowed } from './windowing'

/** Larger than this a pixel is shown as a square: between pixels nothing was measured. */
const SQUARE_FROM = 8
/** So long a window is left alone before a large picture is windowed in full: longer than between two movements of a hand. */
const REST_MS = 150

/** Made while a component is made, and gone with it. */
export class Seeing {
  readonly #looking: Looking
  readonly #opened: OpenedSeries
  readonly #frames: Stack
  readonly #inSight = new InSight()
  #preparing: ReturnType<typeof setTimeout> | undefined
  #room: OffscreenCanvasRenderingContext2D | null = null
  /** The large one that was painted last, in full. */
  #rested = $state.raw<{ readonly of: Windowed; readonly canvas: OffscreenCanvas } | null>(null)
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
    $effect(() => () => {
      this.#frames.end()
      clearTimeout(this.#preparing)
    })
    $effect(() => (this.#windowed !== null && isLarge(this.#windowed) ? this.#paintAtRest(this.#windowed) : undefined))
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

  /** The same object for as long as numbers and window are the same. */
  readonly #windowed: Windowed | null = $derived.by(() => {
    const { seen } = this
    return seen === null ? null : { frame: seen, values: this.#looking.values, showing: this.#looking.showing(seen) }
  })

  /** Windowed once for as long as that holds; placing it costs nothing then. A large one is there after a hand has rested. */
  readonly #whole = $derived.by(() => {
    const windowed = this.#windowed
    if (windowed === null || isLarge(windowed)) return this.#rested?.of === windowed ? this.#rested.canvas : null
    const context = contextOf(windowed.frame)
    if (context !== null) paintWhole(windowed, context)
    return context?.canvas ?? null
  })

  #paintAtRest(windowed: Windowed): () => void {
    let painting: Generator<void, void> | null = null
    const goOn = (): void => {
      const context = this.#roomFor(windowed.frame)
      if (context === null) return
      painting ??= pieces(windowed, context)
      if (painting.next().done === true) this.#rested = { of: windowed, canvas: context.canvas }
      else timer = setTimeout(goOn)
    }
    let timer = setTimeout(goOn, REST_MS)
    return () => clearTimeout(timer)
  }

  /** One for all of the same size: forty megabytes each, of ten million pixels. */
  #roomFor(size: Size): OffscreenCanvasRenderingContext2D | null {
    if (this.#room?.canvas.width !== size.width || this.#room.canvas.height !== size.height) this.#room = contextOf(size)
    return this.#room
  }

  /** Moved or enlarged at rest, another part is in sight: what a hand that windows next would wait for is made before. */
  #prepare(windowed: LargeWindowed, placed: Affine, { width, height }: Size): void {
    const preparing = this.#inSight.preparing(windowed, placed, { width, height })
    const goOn = (): void => {
      if (preparing.next().done !== true) this.#preparing = setTimeout(goOn)
    }
    this.#preparing = setTimeout(goOn, REST_MS)
  }

  draw(context: CanvasRenderingContext2D, placed: Affine): void {
    const windowed = this.#windowed
    clearTimeout(this.#preparing)
    if (windowed === null) return
    const step = this.frame === null ? (this.#coarseAt(this.#looking.at)?.step ?? 1) : 1
    const here = product(placed, scaling(step, step))
    const { a, b, c, d, e, f } = here
    context.setTransform(a, b, c, d, e, f)
    context.imageSmoothingEnabled = step > 1 || Math.hypot(a, b) < SQUARE_FROM
    context.imageSmoothingQuality = 'high'
    const whole = this.#whole
    if (whole !== null) {
      context.drawImage(whole, 0, 0)
      if (isLarge(windowed)) this.#prepare(windowed, here, context.canvas)
      return
    }
    const inSight = isLarge(windowed) ? this.#inSight.painted(windowed, here, context.canvas) : null
    if (inSight === null) return
    const { canvas, part } = inSight
    context.drawImage(canvas, part.left, part.top, part.width, part.height)
  }

  #coarseAt(at: number): Coarse | null {
    const step = this.#opened.steps[at]
    return step === undefined ? null : coarseOf(step.file)
  }
}
