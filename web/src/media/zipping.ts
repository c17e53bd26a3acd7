/** One zip of many files, made in the browser as they come from the store: no byte of them passes through the server. [GAL-18] */
import { makeZip } from 'client-zip'
import type { Download } from './api'

/** Requests that are under way at once: a slice is small, and a line is far. */
const AHEAD = 4

export interface Zipping {
  readonly files: readonly Download[]
  /** Addresses of the same files that are good again; null: they are not to be had. */
  readonly again: () => Promise<readonly Download[] | null>
  /** Bytes of files that have come so far. */
  readonly told: (bytes: number) => void
  readonly stop: AbortSignal
}

/** A file did not come, or not whole. */
export class Incomplete extends Error {}

/** Errs when a file does not come whole, or when it is stopped: what was written of it until then is no zip. */
export function zipOf(zipping: Zipping): ReadableStream<Uint8Array> {
  return makeZip(inputs(zipping))
}

interface Input {
  readonly name: string
  readonly input: ReadableStream<Uint8Array>
  readonly size: number
}

async function* inputs({ files, again, told, stop }: Zipping): AsyncGenerator<Input> {
  const addresses = addressesOf(files, again)
  const opened: Promise<ReadableStream<Uint8Array>>[] = []
  let begun = 0
  let came = 0
  for (const file of files) {
    for (const next of files.slice(begun, begun + AHEAD - opened.length)) {
      const opening = open(next, addresses, stop)
      opening.catch(() => undefined) // whoever waits for it hears of it
      opened.push(opening)
      begun += 1
    }
    const body = await opened.shift()
    if (body === undefined) throw new Incomplete()
    const count = (bytes: number): void => {
      came += bytes
      told(came)
    }
    yield { name: file.name, input: body.pipeThrough(whole(file.size, count)), size: file.size }
  }
}

interface Addresses {
  readonly of: (file: Download) => string
  /** One that is good again, after `ended`. All are renewed at once: each asking is in the case's log. */
  readonly after: (file: Download, ended: string) => Promise<string>
}

function addressesOf(files: readonly Download[], again: Zipping['again']): Addresses {
  let known = new Map(files.map(({ id, url }) => [id, url]))
  let asking: Promise<void> | null = null
  const of = ({ id }: Download): string => {
    const url = known.get(id)
    if (url === undefined) throw new Incomplete()
    return url
  }
  const renew = async (): Promise<void> => {
    const fresh = await again()
    if (fresh === null) throw new Incomplete()
    known = new Map(fresh.map(({ id, url }) => [id, url]))
  }
  return {
    of,
    after: async (file, ended) => {
      if (of(file) === ended) await (asking ??= renew().finally(() => (asking = null)))
      return of(file)
    },
  }
}

async function open(file: Download, addresses: Addresses, stop: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  const url = addresses.of(file)
  let answer = await fetch(url, { signal: stop })
  // An address ends after a while, and a long series takes longer.
  if (!answer.ok) answer = await fetch(await addresses.after(file, url), { signal: stop })
  if (!answer.ok || answer.body === null) throw new Incomplete()
  return answer.body
}

/** Passes on what comes, and errs if that is not all. */
function whole(size: number, count: (bytes: number) => void): TransformStream<Uint8Array, Uint8Array> {
  let left = size
  return new TransformStream({
    transform(chunk, controller) {
      left -= chunk.byteLength
      count(chunk.byteLength)
      controller.enqueue(chunk)
    },
    flush(controller) {
      if (left !== 0) controller.error(new Incomplete())
    },
  })
}
