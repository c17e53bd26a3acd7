/** A frame on a canvas: all of it, piece by piece, or of a large one what is in sight. [VIEW-7] [VIEW-25] */
import type { Frame } from './decoding'
import type { Affine, Size } from './geometry'
import { paint, painterOf } from './painting'
import { isSame, type Part, sampled, samplePieces, type Sampling, samplingOf } from './sampling'
import type { Showing, Values } from './values'

/** What is to be seen, and how. */
export interface Windowed {
  readonly frame: Frame
  readonly values: Values | null
  readonly showing: Showing
}

/** One that is not windowed as fast as a screen asks for it. */
export interface LargeWindowed extends Windowed {
  readonly values: Values
}

/** What takes longer than a frame of a screen to window: about 15 ms a million pixels. */
const LARGE = 2 ** 20
/** Of those, between which the page answers. */
const PIECE = 2 ** 19

/** Colours and JPEGs have no window, so that nothing of them is painted again and again. */
export function isLarge(windowed: Windowed): windowed is LargeWindowed {
  const { frame, values } = windowed
  return frame.samples === 1 && values !== null && frame.width * frame.height > LARGE
}

/** Null where the browser has no room for it. */
export const contextOf = ({ width, height }: Size): OffscreenCanvasRenderingContext2D | null => new OffscreenCanvas(width, height).getContext('2d')

/** All of it, onto a canvas of its size; stops after each piece. */
export function* pieces({ frame, values, showing }: Windowed, context: OffscreenCanvasRenderingContext2D): Generator<void, void> {
  const { width, height } = frame
  const painted = painterOf(frame, values, showing)
  const rows = Math.max(1, Math.floor(PIECE / width))
  for (let top = 0; top < height; top += rows) {
    const image = new ImageData(width, Math.min(rows, height - top))
    painted(new Uint32Array(image.data.buffer), top * width)
    context.putImageData(image, 0, top)
    yield
  }
}

/** The same at once. */
export function paintWhole(windowed: Windowed, context: OffscreenCanvasRenderingContext2D): void {
  for (const piece of pieces(windowed, context)) void piece
}

/** Keeps the numbers for which the window changes, for as long as the same of the same frame is in sight. */
export class InSight {
  #kept: { readonly of: Frame; readonly sampling: Sampling; readonly frame: Frame; readonly context: OffscreenCanvasRenderingContext2D } | null = null

  /** A canvas, and the part of the frame that it shows. */
  painted({ frame, values, showing }: LargeWindowed, placed: Affine, window: Size): { readonly canvas: OffscreenCanvas; readonly part: Part } | null {
    const sampling = samplingOf(frame, placed, window)
    if (!this.#isFor(frame, sampling)) {
      const context = contextOf(sampling.size)
      if (context === null) return null
      this.#kept = { of: frame, sampling, frame: sampled(frame, sampling, values), context }
    }
    if (this.#kept === null) return null
    const { frame: seen, context } = this.#kept
    const image = new ImageData(seen.width, seen.height)
    paint(seen, values, showing, new Uint32Array(image.data.buffer))
    context.putImageData(image, 0, 0)
    return { canvas: context.canvas, part: sampling.part }
  }

  /** Does in pieces, ahead, what else the first change of the window would wait for. */
  *preparing({ frame, values }: LargeWindowed, placed: Affine, window: Size): Generator<void, void> {
    const sampling = samplingOf(frame, placed, window)
    if (this.#isFor(frame, sampling)) return
    const context = contextOf(sampling.size)
    if (context === null) return
    this.#kept = { of: frame, sampling, frame: yield* samplePieces(frame, sampling, values), context }
  }

  #isFor(frame: Frame, sampling: Sampling): boolean {
    return this.#kept?.of === frame && isSame(this.#kept.sampling, sampling)
  }
}
