/** What the viewer makes of a file: its numbers, what they stand for, and what is painted of them. */
import { decode, fetchPlace, type Frame } from '../src/viewer/decoding'
import { Looking } from '../src/viewer/looking.svelte'
import { readManifest } from '../src/viewer/manifest'
import { stepsOf } from '../src/viewer/series'
import { real } from '../src/viewer/values'
import { contextOf, paintWhole } from '../src/viewer/windowing'

export interface Seen {
  /** Why it is not shown; null: it is. */
  readonly because: string | null
  /** Of the numbers, as numpy calls it. */
  readonly dtype: string
  readonly samples: number
}

/** Puts what is seen of `frames` of the file in `folder` back into that folder. */
export async function pixels(folder: string, frames: readonly number[]): Promise<Seen> {
  const shown = readManifest(await (await fetch(`${folder}/manifest.json`)).json())
  if (shown.is === 'not-shown') return { because: shown.because, dtype: '', samples: 0 }
  if (shown.is !== 'dicom') throw new Error(`${folder} is ${shown.is}`)
  const described = shown.picture.pixels
  const file = { id: '', path: '', paths: new Map(), frames: described.places.length, shown }
  const looking = new Looking('', stepsOf({ kind: 'dicom', files: [file] }))
  let seen: Frame | null = null
  for (const at of frames) {
    const place = described.places[at]
    if (place === undefined) throw new Error(`${folder} has no frame ${at}`)
    seen = await decode(described, await fetchPlace(`${folder}/frames`, place, new AbortController().signal))
    looking.go(at)
    await put(`${folder}/numbers-${at}`, seen.numbers)
    const { values } = looking
    const context = contextOf(seen)
    if (context === null) throw new Error('no canvas')
    paintWhole({ frame: seen, values, showing: looking.showing(seen) }, context)
    await put(`${folder}/painted-${at}`, context.getImageData(0, 0, seen.width, seen.height).data)
    if (seen.samples === 1 && values !== null) {
      const stored = Array.from(new Set(seen.numbers)).sort((one, other) => one - other)
      await put(`${folder}/real-${at}`, Float64Array.from(stored, (each) => real(values, each)))
    }
  }
  const kind = { unsigned: 'u', signed: 'i', float: 'f' }[described.type]
  return { because: null, dtype: `<${kind}${described.bits / 8}`, samples: described.samples }
}

async function put(path: string, numbers: ArrayBufferView): Promise<void> {
  const answer = await fetch(path, { method: 'POST', body: new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength).slice() })
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
}
