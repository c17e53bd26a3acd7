/**
 * Kept views as pictures in a text: one painted after the other, those in sight first, each once, so that thirty of them
 * never hold more than the numbers of one. [FOL-16]
 */
import type { Media } from '../media/api'
import { backOff, wait } from '../media/waiting'
import { type Carried, pack } from './carried'
import type { Size } from './geometry'
import type { Wish } from './still'

/** Null: it cannot be had. */
type Told = (address: string | null) => void

interface Waiting {
  readonly key: string
  readonly wish: Wish
  readonly told: Set<Told>
  /** How far it is from where one reads, in pixels of the page. */
  readonly far: () => number
}

export type Painter = (wish: Wish, stop: AbortSignal) => Promise<string | null>

const MOST_TRIES = 4
/** Of painted ones; each takes some hundred kilobytes. */
const MOST_KEPT = 60

export class Stills {
  readonly #case: string
  readonly #paint: Painter
  readonly #waiting = new Map<string, Waiting>()
  /** The last used last. */
  readonly #painted = new Map<string, string>()
  readonly #stop = new AbortController()
  #isPainting = false

  constructor(id: string, paint: Painter) {
    this.#case = id
    this.#paint = paint
  }

  /** At once where it was painted before; until what this gives back is called. */
  show(media: Media, view: Carried, size: Size, far: () => number, told: Told): () => void {
    const key = keyOf(media, view, size)
    const painted = this.#painted.get(key)
    if (painted !== undefined) {
      this.#keep(key, painted)
      told(painted)
      return () => undefined
    }
    const waiting = this.#waiting.get(key) ?? { key, wish: { case: this.#case, media, view, size }, told: new Set(), far }
    waiting.told.add(told)
    this.#waiting.set(key, waiting)
    void this.#goOn()
    return () => {
      waiting.told.delete(told)
      if (waiting.told.size === 0) this.#waiting.delete(key)
    }
  }

  close(): void {
    this.#stop.abort()
    this.#waiting.clear()
    this.#painted.clear()
  }

  async #goOn(): Promise<void> {
    if (this.#isPainting) return
    this.#isPainting = true
    for (let next = this.#nearest(); next !== null && !this.#stop.signal.aborted; next = this.#nearest()) {
      const address = await this.#tried(next.wish)
      if (this.#stop.signal.aborted) break
      this.#waiting.delete(next.key)
      if (address !== null) this.#keep(next.key, address)
      for (const told of next.told) told(address)
    }
    this.#isPainting = false
  }

  #nearest(): Waiting | null {
    const all = [...this.#waiting.values()].map((each) => ({ each, far: each.far() }))
    return all.sort((one, other) => one.far - other.far)[0]?.each ?? null
  }

  async #tried(wish: Wish): Promise<string | null> {
    for (let tries = 1; tries <= MOST_TRIES && !this.#stop.signal.aborted; tries += 1) {
      try {
        return await this.#paint(wish, this.#stop.signal)
      } catch {
        if (tries < MOST_TRIES) await wait(backOff(tries, Math.random()), this.#stop.signal).catch(() => undefined)
      }
    }
    return null
  }

  #keep(key: string, address: string): void {
    this.#painted.delete(key)
    this.#painted.set(key, address)
    const [oldest] = this.#painted.keys()
    if (this.#painted.size > MOST_KEPT && oldest !== undefined) this.#painted.delete(oldest)
  }
}

/** Another one when what is seen may be another: a file came or went, or something was made unreadable. */
function keyOf({ id, version, files, thumbnail }: Media, view: Carried, { width, height }: Size): string {
  return JSON.stringify([id, version, files, thumbnail === null ? null : new URL(thumbnail.url, 'http://here/').pathname, pack(view), width, height])
}
