/**
 * The frames of a series as they are wanted: the coarse ones of the neighbourhood first, so that scrolling shows something
 * at once, then the exact ones. No DOM; who reads one is given. [VIEW-21]
 */
import type { Frame } from './decoding'
import { around, type Reader, ROOM_BYTES, Wanted, type Whereabouts } from './wanted'

/** Of coarse frames, which are a sixteenth: so far ahead, and half as far behind. */
const COARSE_AHEAD = 120
const COARSE_ROOM_BYTES = ROOM_BYTES / 8
/** The other connections of a browser to one server are for exact frames. */
const COARSE_LANES = 3
/** The frame and the neighbours whose coarse frames go before the exact ones of any: twenty ahead, and ten behind. */
const FIRST = 31

export interface Readers {
  readonly exact: Reader<Frame>
  readonly coarse: Reader<Frame>
  hasCoarse(at: number): boolean
}

export class Stack {
  readonly #exact: Wanted<Frame>
  readonly #coarse: Wanted<Frame>
  readonly #hasCoarse: (at: number) => boolean
  #near: readonly number[] = []

  constructor({ exact, coarse, hasCoarse }: Readers, changed: (at: number) => void, room: number = ROOM_BYTES) {
    this.#hasCoarse = hasCoarse
    this.#exact = new Wanted(exact, changed, room)
    this.#coarse = new Wanted(
      coarse,
      (at) => {
        this.#wantExact()
        changed(at)
      },
      COARSE_ROOM_BYTES,
      COARSE_LANES,
    )
  }

  /** What is looked at, which way one goes, and of how many. */
  want(at: number, direction: 1 | -1, count: number): void {
    this.#near = around(at, direction, count)
    this.#wantExact()
    this.#coarse.want(around(at, direction, count, COARSE_AHEAD).filter((each) => this.#hasCoarse(each) && this.#exact.get(each) === null))
  }

  get(at: number): Frame | null {
    return this.#exact.get(at)
  }

  coarse(at: number): Frame | null {
    return this.#coarse.get(at)
  }

  /** Of the exact one. */
  state(at: number): Whereabouts {
    return this.#exact.state(at)
  }

  /** How many exact ones are here. */
  get here(): number {
    return this.#exact.here
  }

  again(): void {
    this.#exact.again()
    this.#coarse.again()
  }

  end(): void {
    this.#exact.end()
    this.#coarse.end()
  }

  /** What is on its way already is not given up for a coarse one. */
  #wantExact(): void {
    const isSeen = (at: number): boolean => !this.#hasCoarse(at) || this.#exact.get(at) !== null || !['away', 'coming'].includes(this.#coarse.state(at))
    const areSeen = this.#near.slice(0, FIRST).every(isSeen)
    this.#exact.want(areSeen ? this.#near : this.#near.filter((each, place) => place === 0 || this.#exact.state(each) === 'coming'))
  }
}
