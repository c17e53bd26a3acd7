/** What `bench/viewing.py` measures of the viewer, and of a plain page that shows the same slices as PNG files. */
import { mount } from 'svelte'
import { Addresses } from '../src/viewer/addresses'
import type { Frame } from '../src/viewer/decoding'
import type { Looking } from '../src/viewer/looking.svelte'
import { readManifest } from '../src/viewer/manifest'
import { paint } from '../src/viewer/painting'
import type { Seeing } from '../src/viewer/seeing.svelte'
import { type SeriesFile, stepsOf } from '../src/viewer/series'
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
  /** The series of `series.json`, from its slice `at`. */
  async open(at: number): Promise<Arrived> {
    const manifests: unknown[] = await (await fetch('series.json')).json()
    const files: SeriesFile[] = manifests.map((each, number) => ({ id: String(number), path: '', paths: new Map([['frames', `${number}/frames`]]), frames: 1, shown: readManifest(each) }))
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

  /** Milliseconds to window a frame of this size and to draw it. */
  painting(width: number, height: number): number {
    const numbers = Uint16Array.from({ length: width * height }, (_, at) => (at * 7919) % 4096)
    const frame: Frame = { width, height, samples: 1, numbers }
    const values = { slope: 1, intercept: 0, modalityTable: null, unit: null, windows: [], windowFunction: 'LINEAR', tables: [], isInverted: false, padding: null } as const
    const screen = new OffscreenCanvas(1280, 900).getContext('2d')
    const canvas = new OffscreenCanvas(width, height)
    const context = canvas.getContext('2d')
    if (screen === null || context === null) throw new Error('no canvas')
    const taken = Array.from({ length: 9 }, (_, turn) => {
      const since = performance.now()
      const image = new ImageData(width, height)
      paint(frame, values, { window: { centre: 2000 + turn, width: 3000, name: '' }, table: null, isInverted: false }, new Uint32Array(image.data.buffer))
      context.putImageData(image, 0, 0)
      screen.drawImage(canvas, 0, 0, 1280, 900)
      screen.getImageData(0, 0, 1, 1)
      return performance.now() - since
    })
    return taken.sort((one, other) => one - other)[4] ?? 0
  },
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
