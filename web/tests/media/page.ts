/** A page without a browser that sends to the small store: its clock does not wait, its network goes when told. */
import { vi } from 'vitest'
import { beginUploads, completeUpload, dropUpload, signParts } from '../../src/media/api'
import { outcomeOf, type Put } from '../../src/media/put'
import { UploadQueue } from '../../src/media/queue'
import type { Doors, Sending } from '../../src/media/sending'
import type { Store } from './store'

export class Page {
  readonly queue: UploadQueue
  isOnline = true
  readonly waited: number[] = []
  readonly arrivals: string[] = []
  #online = new Set<() => void>()
  #watchers = new Set<() => void>()

  constructor(store: Store, locks: Locks = new Locks()) {
    vi.stubGlobal('fetch', fetchFrom(store.url))
    const doors: Doors = {
      begin: beginUploads,
      sign: signParts,
      complete: completeUpload,
      drop: dropUpload,
      put: putByFetch,
      alone: (name, stop, elsewhere, run) => locks.alone(name, stop, elsewhere, run),
      isOnline: () => this.isOnline,
      whenOnline: (stop) =>
        new Promise((resolve, reject) => {
          this.#online.add(resolve)
          stop.addEventListener('abort', () => reject(stop.reason as Error), { once: true })
        }),
      now: () => performance.now(),
      wall: () => Date.now(),
      random: () => 0.5,
      wait: (milliseconds, stop) => {
        this.waited.push(milliseconds)
        stop.throwIfAborted()
        return new Promise((resolve) => setImmediate(resolve))
      },
      changed: () => {
        for (const look of this.#watchers) look()
      },
      went: () => undefined,
      arrived: (caseId) => void this.arrivals.push(caseId),
    }
    this.queue = new UploadQueue('p', doors)
  }

  network(online: boolean): void {
    this.isOnline = online
    if (online) for (const go of this.#online) go()
  }

  /** Resolves when it is so. */
  until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!isSo()) return
        this.#watchers.delete(look)
        resolve()
      }
      this.#watchers.add(look)
      look()
    })
  }

  allAre(...stages: Sending['stage']['at'][]): Promise<void> {
    return this.until(() => this.queue.items.every(({ stage }) => stages.includes(stage.at)))
  }
}

/** What all tabs of a browser share. */
export class Locks {
  readonly #held = new Map<string, Promise<void>>()

  async alone(name: string, stop: AbortSignal, elsewhere: () => void, run: () => Promise<void>): Promise<void> {
    for (let before = this.#held.get(name); before !== undefined; before = this.#held.get(name)) {
      elsewhere()
      await before
      stop.throwIfAborted()
    }
    const running = run()
    const over = running.catch(() => undefined).finally(() => this.#held.delete(name))
    this.#held.set(name, over)
    await running
  }
}

const direct = globalThis.fetch

/** The page asks its own server by a path. */
function fetchFrom(origin: string): typeof fetch {
  return (input, init) => direct(typeof input === 'string' && input.startsWith('/') ? origin + input : input, init)
}

/** Without progress, which `fetch` does not tell. */
const putByFetch: Put = async ({ url, headers, body, heard, stop }) => {
  try {
    const answer = await direct(url, { method: 'PUT', headers: [...headers], body, signal: stop })
    heard(body.size)
    return outcomeOf(answer.status, await answer.text())
  } catch {
    stop.throwIfAborted()
    return { kind: 'unreachable' }
  }
}
