/** Addresses of a medium's objects: asked for together, kept until shortly before they end. */
import type { Address } from './api'

/** As many as the server signs at once. */
const MOST_AT_ONCE = 500
/** A fetch that begins with an address must still be able to end with it. */
const SPARE_MS = 30_000

export type Sign = (paths: readonly string[]) => Promise<ReadonlyMap<string, Address>>

export class Addresses {
  readonly #sign: Sign
  readonly #now: () => number
  readonly #known = new Map<string, Address>()
  readonly #asked = new Map<string, Promise<string>>()
  #next: string[] = []
  #round: Promise<ReadonlyMap<string, Address>> | null = null

  constructor(sign: Sign, now: () => number = Date.now) {
    this.#sign = sign
    this.#now = now
  }

  /** Rejects when the server does not tell it. */
  of(path: string): Promise<string> {
    const known = this.#known.get(path)
    if (known !== undefined && known.expiresAt - SPARE_MS > this.#now()) return Promise.resolve(known.url)
    const asked = this.#asked.get(path) ?? this.#ask(path)
    this.#asked.set(path, asked)
    return asked
  }

  /** A store refused it, whatever its end was said to be. */
  forget(path: string): void {
    this.#known.delete(path)
  }

  async #ask(path: string): Promise<string> {
    if (this.#next.length >= MOST_AT_ONCE) this.#round = null
    if (this.#round === null) {
      const paths: string[] = []
      this.#next = paths
      // All that is asked for in one turn goes in one question.
      this.#round = Promise.resolve().then(() => {
        if (this.#next === paths) this.#round = null
        return this.#sign(paths)
      })
    }
    this.#next.push(path)
    try {
      const found = (await this.#round).get(path)
      if (found === undefined) throw new Error('the server told no address')
      this.#known.set(path, found)
      return found.url
    } finally {
      this.#asked.delete(path)
    }
  }
}
