/** What `bench/viewing.py` measures of the viewer, and of a plain page that shows the same slices as PNG files. */
import { mount } from 'svelte'
import { Addresses } from '../src/viewer/addresses'
import type { Frame } from '../src/viewer/decoding'
import type { Affine, Size } from '../src/viewer/geometry'
import type { Looking } from '../src/viewer/looking.svelte'
import { readManifest } from '../src/viewer/manifest'
import { paint } from '../src/viewer/painting'
import type { Part } from '../src/viewer/sampling'
import type { Seeing } from '../src/viewer/seeing.svelte'
import { type SeriesFile, stepsOf } from '../src/viewer/series'
import type { Showing, Values } from '../src/viewer/values'
import { placing, scaled, whole } from '../src/viewer/view'
import { contextOf, InSight } from '../src/viewer/windowing'
import Viewing from './Viewing.svelte'

/** Slices on each side that must be there for scrolling to be called smooth. */
const NEAR = 10

interface Arrived {
  /** Milliseconds after it was asked for. */
  readonly first: number
  readonly exact: number
  readonly smooth: number
  readonly exactlySmooth: number
}

/** Of 255, of one screen from another. */
interface Away {
  readonly mean: number
  readonly most: number
}

interface Fluency {
  readonly framesASecond: number
  /** Milliseconds of a processor that one change takes on the page's thread. */
  readonly longest: number
}

const paints = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve))

async function until(isSo: () => boolean): Promise<number> {
  while (!isSo()) await paints()
  return performance.now()
}

let looking: Looking
let seeing: Seeing
let count = 0

const neighbours = (at: number): readonly number[] => Array.from({ length: 2 * NEAR + 1 }, (_, place) => at - NEAR + place).filter((each) => each >= 0 && each < count)

async function arrived(at: number, since: number): Promise<Arrived> {
  const are = (there: (each: number) => boolean): boolean => neighbours(at).every(there)
  const [first, exact, smooth, exactlySmooth] = await Promise.all([
    until(() => seeing.seen !== null),
    until(() => seeing.frame !== null),
    until(() => are((each) => seeing.exact(each) !== null || seeing.coarse(each) !== null)),
    until(() => are((each) => seeing.exact(each) !== null)),
  ])
  return { first: first - since, exact: exact - since, smooth: smooth - since, exactlySmooth: exactlySmooth - since }
}

/** So many times, one a frame of the screen; how many frames the screen really had. */
async function fluency(times: number, change: (turn: number) => void): Promise<Fluency> {
  let longest = 0
  const since = await paints()
  let before = since
  for (let turn = 0; turn < times; turn += 1) {
    change(turn)
    const now = await paints()
    longest = Math.max(longest, now - before)
    before = now
  }
  return { framesASecond: (times * 1000) / (before - since), longest }
}

export const viewing = {
  /** The series of `series.json` in `folder`, from its slice `at`. */
  async open(at: number, folder = ''): Promise<Arrived> {
    const manifests: unknown[] = await (await fetch(`${folder}series.json`)).json()
    const files: SeriesFile[] = manifests.map((each, number) => ({ id: String(number), path: '', paths: new Map([['frames', `${folder}${number}/frames`]]), frames: 1, shown: readManifest(each) }))
    const addresses = new Addresses(async (paths) => new Map(paths.map((path) => [path, { url: path, expiresAt: Infinity }])))
    const opened = { series: { kind: 'dicom', files }, steps: stepsOf({ kind: 'dicom', files }), addresses }
    count = opened.steps.length
    const since = performance.now()
    mount(Viewing, { target: document.querySelector('#part') ?? document.body, props: { opened, at, told: (its: Looking, what: Seeing) => ([looking, seeing] = [its, what]) } })
    return arrived(at, since)
  },

  jump(to: number): Promise<Arrived> {
    const since = performance.now()
    looking.go(to)
    return arrived(to, since)
  },

  windowing: (times: number): Promise<Fluency> => fluency(times, (turn) => looking.drag({ width: turn % 40 < 20 ? 3 : -3, height: turn % 20 < 10 ? 2 : -2 }, seeing.seen)),

  scrolling: (times: number): Promise<Fluency> => fluency(times, (turn) => looking.go(looking.at + (turn % (2 * NEAR) < NEAR ? 1 : -1))),

  /** From end to end, each slice exactly. How many are held then. */
  async through(): Promise<number> {
    for (let at = 0; at < count; at += 1) {
      looking.go(at)
      await until(() => seeing.frame !== null)
    }
    return Array.from({ length: count }, (_, at) => at).filter((at) => seeing.exact(at) !== null).length
  },

  /** What is on the screen of the large picture that is looked at, held to all of it windowed at one time and placed so. */
  away(): Away {
    const [canvas, frame] = [document.querySelector('canvas'), seeing.frame]
    const [context, reference, whole] = [canvas?.getContext('2d'), canvas === null ? null : contextOf(canvas), frame === null ? null : contextOf(frame)]
    if (context == null || reference === null || whole === null || frame === null) throw new Error('no canvas')
    const { width, height } = reference.canvas
    paintAll(frame, looking.values, looking.showing(frame), whole)
    drawAll(whole.canvas, placing(looking.view, looking.picture, { width, height }), reference)
    const [seen, wanted] = [context, reference].map((each) => each.getImageData(0, 0, width, height).data)
    if (seen === undefined || wanted === undefined) throw new Error('no pixels')
    let [sum, most] = [0, 0]
    for (let at = 0; at < seen.length; at += 1) {
      const away = Math.abs((seen[at] ?? 0) - (wanted[at] ?? 0))
      sum += away
      if (away > most) most = away
    }
    return { mean: sum / seen.length, most }
  },

  /** A movement of a hand that windows, and what is seen right after it. */
  async moved(by: Size): Promise<Away> {
    looking.drag(by, seeing.seen)
    await paints()
    return viewing.away()
  },

  /** So many pixels of the window for each of the picture, whose middle is in the window's. */
  async scaled(scale: number): Promise<void> {
    looking.view = scaled(looking.view, looking.picture, { width: 1280, height: 800 }, scale)
    await paints()
  },

  /** Milliseconds until a change of the window is seen, of a frame of this size: all of it, and what a window of 1280 × 900 has of it; and what a drag begins with, unprepared and prepared. */
  painting(width: number, height: number): { readonly whole: number; readonly inSight: number; readonly first: number; readonly prepared: number; readonly piece: number } {
    const numbers = Uint16Array.from({ length: width * height }, (_, at) => (at * 7919) % 4096)
    const frame: Frame = { width, height, samples: 1, numbers }
    const values = { slope: 1, intercept: 0, modalityTable: null, unit: null, windows: [], windowFunction: 'LINEAR', tables: [], isInverted: false, padding: null } as const
    const window = { width: 1280, height: 900 }
    const [screen, context] = [contextOf(window), contextOf(frame)]
    if (screen === null || context === null) throw new Error('no canvas')
    const picture = { width, height, aspect: 1 }
    const placed = placing(whole(picture), picture, window)
    const showing = (turn: number): Showing => ({ window: { centre: 2000 + turn, width: 3000, name: '' }, table: null, isInverted: false })
    const taken = (draw: (turn: number) => void): readonly number[] =>
      Array.from({ length: 9 }, (_, turn) => {
        const since = performance.now()
        draw(turn)
        screen.getImageData(0, 0, 1, 1)
        return performance.now() - since
      })
    const middle = (millis: readonly number[]): number => [...millis].sort((one, other) => one - other)[4] ?? 0
    const inSight = new InSight()
    let piece = 0
    /** As at rest: how long the longest piece keeps the page from answering. */
    const prepared = (): InSight => {
      const seeing = new InSight()
      const preparing = seeing.preparing({ frame, values, showing: showing(0) }, placed, window)
      for (let done = false; !done; ) {
        const since = performance.now()
        done = preparing.next().done === true
        piece = Math.max(piece, performance.now() - since)
      }
      return seeing
    }
    const ready = Array.from({ length: 9 }, prepared)
    const drawInSight = (seeing: InSight, turn: number): void => {
      const seen = seeing.painted({ frame, values, showing: showing(turn) }, placed, window)
      if (seen !== null) drawAll(seen.canvas, placed, screen, seen.part)
    }
    return {
      whole: middle(taken((turn) => (paintAll(frame, values, showing(turn), context), drawAll(context.canvas, placed, screen)))),
      first: middle(taken((turn) => drawInSight(new InSight(), turn))),
      prepared: middle(taken((turn) => drawInSight(ready[turn] ?? new InSight(), turn))),
      piece,
      inSight: middle(taken((turn) => drawInSight(inSight, turn))),
    }
  },
}

/** As every frame was painted before large ones were painted in pieces, and small ones are. */
function paintAll(frame: Frame, values: Values | null, showing: Showing, context: OffscreenCanvasRenderingContext2D): void {
  const image = new ImageData(frame.width, frame.height)
  paint(frame, values, showing, new Uint32Array(image.data.buffer))
  context.putImageData(image, 0, 0)
}

function drawAll(canvas: OffscreenCanvas, { a, b, c, d, e, f }: Affine, context: OffscreenCanvasRenderingContext2D, part: Part = { left: 0, top: 0, width: canvas.width, height: canvas.height }): void {
  context.setTransform(a, b, c, d, e, f)
  context.imageSmoothingEnabled = true
  context.imageSmoothingQuality = 'high'
  context.drawImage(canvas, part.left, part.top, part.width, part.height)
}

/** A page without a viewer: pictures of slices, those ahead and behind fetched as well. */
export const plain = {
  async open(at: number, of: number): Promise<{ readonly first: number; readonly smooth: number }> {
    count = of
    const since = performance.now()
    const first = await arrivedPicture(`${at}/slice.png`, since)
    const others = await Promise.all(neighbours(at).map((each) => arrivedPicture(`${each}/slice.png`, since)))
    return { first, smooth: Math.max(first, ...others) }
  },

  /** A change of the window is another picture from the server: how long until it is there. */
  window: (at: number, turn: number): Promise<number> => arrivedPicture(`${at}/slice.png?window=${turn}`, performance.now()),
}

async function arrivedPicture(url: string, since: number): Promise<number> {
  const image = new Image()
  image.src = url
  await image.decode()
  return performance.now() - since
}
