/** Says what changes, at most so often: the first word at once, then the newest of each while, and always the last. */

/** Fifteen a second: a hand seems to move without a break, and twenty followers cost little. */
export const APART_MS = 1000 / 15

export interface Clock {
  /** Milliseconds; never jumps. */
  readonly now: () => number
  readonly later: (run: () => void, millis: number) => () => void
}

export const BROWSER: Clock = {
  now: () => performance.now(),
  later(run, millis) {
    const timer = setTimeout(run, millis)
    return () => clearTimeout(timer)
  },
}

export class Pace<T> {
  readonly #say: (value: T) => void
  readonly #apart: number
  readonly #clock: Clock
  #saidAt = -Infinity
  #said: string | null = null
  #waiting: { readonly value: T; readonly spelled: string } | null = null
  #cancel: (() => void) | null = null

  constructor(say: (value: T) => void, apart = APART_MS, clock = BROWSER) {
    this.#say = say
    this.#apart = apart
    this.#clock = clock
  }

  /** What is as it was said last is not said again. */
  push(value: T): void {
    const spelled = JSON.stringify(value)
    this.#waiting = spelled === this.#said ? null : { value, spelled }
    if (this.#waiting === null || this.#cancel !== null) return
    const wait = this.#saidAt + this.#apart - this.#clock.now()
    if (wait <= 0) this.#flush()
    else this.#cancel = this.#clock.later(() => ((this.#cancel = null), this.#flush()), wait)
  }

  /** Says nothing more, also not what waits. */
  stop(): void {
    this.#cancel?.()
    this.#cancel = null
    this.#waiting = null
  }

  #flush(): void {
    if (this.#waiting === null) return
    const { value, spelled } = this.#waiting
    this.#waiting = null
    this.#said = spelled
    this.#saidAt = this.#clock.now()
    this.#say(value)
  }
}
