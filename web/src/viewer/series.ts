/** All pictures of a medium in their order: `consilium-manifest/1` (docs/media-manifest.md). */
import { type Fields, fields, list, number, oneOf, text } from '../parse'
import { readManifest, type Shown } from './manifest'

const FORMAT = 'consilium-manifest/1'

export interface SeriesFile {
  readonly id: string
  /** Of itself, and of what was made of it, by role; what the server signs. */
  readonly path: string
  readonly paths: ReadonlyMap<string, string>
  readonly frames: number
  /** Null: it is too large to stand in the series' own manifest, and is read where it stands. */
  readonly shown: Shown | null
}

/** One picture of the series. */
export interface Step {
  readonly file: SeriesFile
  /** Of the file, from 0. */
  readonly frame: number
}

export interface Series {
  readonly kind: string
  readonly files: readonly SeriesFile[]
}

/** Throws `Unreadable` for a manifest of another kind or release. */
export function readSeries(manifest: unknown): Series {
  const from = fields(manifest)
  oneOf(from, 'format', [FORMAT] as const)
  return { kind: text(from, 'kind'), files: list(from, 'files', (each) => readFile(fields(each))) }
}

/** File by file, frame by frame. Files of which nothing can be shown have a step, too: it says so. */
export function stepsOf({ files }: Series): readonly Step[] {
  return files.flatMap((file) => Array.from({ length: Math.max(1, framesOf(file)) }, (_, frame) => ({ file, frame })))
}

function framesOf({ shown, frames }: SeriesFile): number {
  return shown?.is === 'dicom' ? shown.picture.pixels.places.length : shown?.is === 'not-shown' ? 1 : frames
}

function readFile(from: Fields): SeriesFile {
  const made = list(from, 'renditions', fields)
  const manifest = made.find((each) => text(each, 'role') === 'manifest')
  const told = manifest === undefined ? null : fields(manifest.get('facts'))
  return {
    id: text(from, 'id'),
    path: text(from, 'path'),
    paths: new Map(made.map((each) => [text(each, 'role'), text(each, 'path')])),
    frames: number(from, 'frames'),
    shown: told === null || told.size === 0 ? null : readManifest(Object.fromEntries(told)),
  }
}
