/** Sends one part to the store, with its progress: `fetch` tells nothing of what has gone. */

export type PutOutcome =
  | { readonly kind: 'sent' }
  /** The store says no; `code` is its word (`AccessDenied`, `NoSuchUpload`, `BadDigest`), empty where it said none. */
  | { readonly kind: 'refused'; readonly status: number; readonly code: string }
  /** No answer: no network, or nothing went for too long. */
  | { readonly kind: 'unreachable' }

export interface ToPut {
  readonly url: string
  readonly headers: ReadonlyMap<string, string>
  readonly body: Blob
  /** How many bytes of it have gone. */
  readonly heard: (bytes: number) => void
  readonly stop: AbortSignal
}

export type Put = (what: ToPut) => Promise<PutOutcome>

/** A link that takes nothing for so long is dead, whatever the system says. */
const SILENCE_MS = 30_000

/** What the browser itself may not let a script set, or sets. */
const NOT_OURS = new Set(['host', 'content-length', 'connection'])

export function putByXhr({ url, headers, body, heard, stop }: ToPut): Promise<PutOutcome> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    let timer: ReturnType<typeof setTimeout>
    const end = (outcome: PutOutcome): void => {
      clearTimeout(timer)
      stop.removeEventListener('abort', leave)
      resolve(outcome)
    }
    const leave = (): void => {
      clearTimeout(timer)
      request.abort()
      reject(stop.reason as Error)
    }
    const listen = (): void => {
      clearTimeout(timer)
      timer = setTimeout(() => {
        request.abort()
        end({ kind: 'unreachable' })
      }, SILENCE_MS)
    }
    request.open('PUT', url)
    for (const [name, value] of headers) if (!NOT_OURS.has(name.toLowerCase())) request.setRequestHeader(name, value)
    request.upload.onprogress = ({ loaded }) => {
      listen()
      heard(loaded)
    }
    request.onload = () => end(outcomeOf(request.status, request.responseText))
    request.onerror = () => end({ kind: 'unreachable' })
    if (stop.aborted) return leave()
    stop.addEventListener('abort', leave, { once: true })
    listen()
    request.send(body)
  })
}

/** S3 says why in XML. */
export function outcomeOf(status: number, said: string): PutOutcome {
  if (status >= 200 && status < 300) return { kind: 'sent' }
  return { kind: 'refused', status, code: /<Code>(\w+)<\/Code>/.exec(said)?.[1] ?? '' }
}
