/** From a medium to its pictures: asks the server where they are, and reads them from the store. */
import type { Answer } from '../api'
import { Addresses } from './addresses'
import { signPaths, whereManifestIs } from './api'
import { type Curves, readCurves } from './curves'
import { decode, fetchPlace, type Frame } from './decoding'
import { type Coarse, readManifest, type Shown } from './manifest'
import { readSeries, type Series, type SeriesFile, type Step, stepsOf } from './series'

/** It is being prepared: its manifest is written when no further file is coming. */
export class NotYet extends Error {}

/** Manifests that stand alone, read at once. */
const READ_AT_ONCE = 6

export interface OpenedSeries {
  readonly series: Series
  readonly steps: readonly Step[]
  readonly addresses: Addresses
}

/** Throws `NotYet`, `Unreadable`, and errors of the network. */
export async function openSeries(id: string, media: string, stop: AbortSignal): Promise<OpenedSeries> {
  const where = await whereManifestIs(id, media)
  if (!where.ok && where.problem.kind === 'not-found') throw new NotYet()
  const manifest = await readJson(value(where).url, stop)
  const addresses = new Addresses(async (paths) => value(await signPaths(id, media, paths)))
  const series = readSeries(manifest)
  const files = await complete(series.files, addresses, stop)
  return { series: { ...series, files }, steps: stepsOf({ ...series, files }), addresses }
}

/** Of an ECG, file by file. Throws as `openSeries` does. */
export async function readSheets(id: string, media: string, stop: AbortSignal): Promise<readonly Curves[]> {
  const { series, addresses } = await openSeries(id, media, stop)
  const paths = series.files.flatMap(({ paths }) => paths.get('waveform') ?? [])
  return Promise.all(paths.map(async (path) => readCurves(await readJson(await addresses.of(path), stop))))
}

/** The numbers of one picture. Throws `Undecodable`, and errors of the network. */
export async function readStep({ file, frame }: Step, addresses: Addresses, stop: AbortSignal): Promise<Frame> {
  const place = file.shown?.is === 'dicom' ? file.shown.picture.pixels.places[frame] : undefined
  const path = file.paths.get('frames')
  if (file.shown?.is !== 'dicom' || place === undefined || path === undefined) throw new Error('there is no such picture')
  try {
    return await decode(file.shown.picture.pixels, await fetchPlace(await addresses.of(path), place, stop))
  } catch (error) {
    addresses.forget(path)
    throw error
  }
}

/** The same in fewer pixels. Throws as `readStep` does. */
export async function readCoarse({ file, frame }: Step, addresses: Addresses, stop: AbortSignal): Promise<Frame> {
  const coarse = coarseOf(file)
  const place = coarse?.places[frame]
  const path = file.paths.get('frames')
  if (file.shown?.is !== 'dicom' || coarse === null || place === undefined || path === undefined) throw new Error('there is no such picture')
  try {
    return await decode({ ...file.shown.picture.pixels, width: coarse.width, height: coarse.height }, await fetchPlace(await addresses.of(path), place, stop))
  } catch (error) {
    addresses.forget(path)
    throw error
  }
}

export function coarseOf(file: SeriesFile): Coarse | null {
  return file.shown?.is === 'dicom' ? file.shown.picture.pixels.coarse : null
}

async function complete(files: readonly SeriesFile[], addresses: Addresses, stop: AbortSignal): Promise<readonly SeriesFile[]> {
  const found = new Map<string, Shown>()
  const waiting = files.filter((file) => file.shown === null)
  const lane = async (): Promise<void> => {
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
      const path = file.paths.get('manifest')
      if (path !== undefined) found.set(file.id, readManifest(await readJson(await addresses.of(path), stop)))
    }
  }
  await Promise.all(Array.from({ length: READ_AT_ONCE }, lane))
  return files.map((file) => ({ ...file, shown: file.shown ?? found.get(file.id) ?? null }))
}

async function readJson(url: string, stop: AbortSignal): Promise<unknown> {
  const answer = await fetch(url, { credentials: 'omit', signal: stop })
  if (!answer.ok) throw new Error(`the store answered ${answer.status}`)
  return answer.json()
}

function value<T>(answer: Answer<T>): T {
  if (!answer.ok) throw new Error(answer.problem.title)
  return answer.value
}
