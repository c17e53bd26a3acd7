/**
 * What is wanted now: fetched in the order in which it is wanted, several at once, given up when it is wanted no more, and
 * kept as long as there is room. Frames around the one that is looked at, tiles in sight. No DOM; who reads one is given.
 */

/** How many are fetched at once: what a browser sends to one server over HTTP/1.1. */
const LANES = 6
/** A third of what a browser gives a page on a small telephone. */
export const ROOM_BYTES = 256 * 1024 * 1024
/** So far ahead of the one that is looked at, and half as far behind. */
const AHEAD = 24
/** One that could not be had is asked for again after so long, and then after twice as long. */
const AGAIN_MS = 1_000
const MOST_TRIES = 5

export interface Reader<T> {
  /** Rejects when it cannot be had just now. */
  read(at: number, stop: AbortSignal): Promise<T>
  /** In bytes. */
  sizeOf(thing: T): number
  wait(milliseconds: number, stop: AbortSignal): Promise<void>
}

export type Whereabouts = 'here' | 'coming' | 'failed' | 'away'

export class Wanted<T> {
  readonly #reader: Reader<T>
  readonly #room: number
  readonly #lanes: number
  readonly #changed: (at: number) => void
  /** In the order in which they were wanted, the latest last. */
  readonly #held = new Map<number, T>()
  readonly #coming = new Map<number, AbortController>()
  readonly #failed = new Map<number, unknown>()
  #bytes = 0
  #wanted: readonly number[] = []
  #isOver = false

  constructor(reader: Reader<T>, changed: (at: number) => void, room: number = ROOM_BYTES, lanes: number = LANES) {
    this.#lanes = lanes
    this.#reader = reader
    this.#changed = changed
    this.#room = room
  }

  get(at: number): T | null {
    return this.#held.get(at) ?? null
  }

  state(at: number): Whereabouts {
    if (this.#held.has(at)) return 'here'
    if (this.#failed.has(at)) return 'failed'
    return this.#coming.has(at) ? 'coming' : 'away'
  }

  /** How many are here. */
  get here(): number {
    return this.#held.size
  }

  /** These, the most urgent first, and nothing else. */
  want(these: readonly number[]): void {
    this.#wanted = these
    const wanted = new Set(these)
    for (const at of wanted) {
      const held = this.#held.get(at)
      if (held === undefined) continue
      this.#held.delete(at)
      this.#held.set(at, held)
    }
    for (const [coming, stop] of this.#coming) if (!wanted.has(coming)) stop.abort()
    this.#fill()
  }

  /** Those that could not be had are asked for again. */
  again(): void {
    this.#failed.clear()
    this.#fill()
  }

  end(): void {
    this.#isOver = true
    for (const stop of this.#coming.values()) stop.abort()
    this.#held.clear()
    this.#bytes = 0
  }

  #fill(): void {
    for (const at of this.#wanted) {
      if (this.#isOver || this.#coming.size >= this.#lanes) return
      if (this.state(at) === 'away') void this.#fetch(at)
    }
  }

  async #fetch(at: number): Promise<void> {
    const stop = new AbortController()
    this.#coming.set(at, stop)
    try {
      const thing = await this.#read(at, stop.signal)
      if (!stop.signal.aborted) this.#keep(at, thing)
    } catch (error) {
      if (!stop.signal.aborted) this.#failed.set(at, error)
    } finally {
      this.#coming.delete(at)
    }
    if (this.#isOver) return
    this.#changed(at)
    this.#fill()
  }

  async #read(at: number, stop: AbortSignal): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#reader.read(at, stop)
      } catch (error) {
        if (stop.aborted || tries >= MOST_TRIES) throw error
        await this.#reader.wait(AGAIN_MS * 2 ** (tries - 1), stop)
      }
    }
  }

  /** What was wanted longest ago goes first, and what is wanted now last. */
  #keep(at: number, thing: T): void {
    this.#held.set(at, thing)
    this.#bytes += this.#reader.sizeOf(thing)
    const wanted = new Set(this.#wanted)
    const leaving = [...this.#held.keys()].filter((each) => each !== at)
    leaving.sort((one, other) => Number(wanted.has(one)) - Number(wanted.has(other)))
    for (const each of leaving) {
      if (this.#bytes <= this.#room) return
      const left = this.#held.get(each)
      this.#held.delete(each)
      if (left !== undefined) this.#bytes -= this.#reader.sizeOf(left)
    }
  }
}

/** The frame itself, then by nearness those ahead and, half as many, those behind. */
export function around(at: number, direction: 1 | -1, count: number, ahead: number = AHEAD): readonly number[] {
  const wanted = [at]
  for (let step = 1; step <= ahead; step += 1) {
    wanted.push(at + step * direction)
    if (step % 2 === 0) wanted.push(at - (step / 2) * direction)
  }
  return wanted.filter((each) => each >= 0 && each < count)
}
