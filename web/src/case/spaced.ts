/**
 * Something that is asked for often and costs a request each time: at once where the last time is long ago, else when that
 * long is over, once for all who asked meanwhile.
 */
export class Spaced {
  readonly #run: () => void
  readonly #apartMs: number
  #ranAt = -Infinity
  #timer: ReturnType<typeof setTimeout> | null = null

  constructor(apartMs: number, run: () => void) {
    this.#apartMs = apartMs
    this.#run = run
  }

  ask(): void {
    if (this.#timer !== null) return
    const left = this.#ranAt + this.#apartMs - performance.now()
    if (left <= 0) return this.#go()
    this.#timer = setTimeout(() => this.#go(), left)
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  #go(): void {
    this.#timer = null
    this.#ranAt = performance.now()
    this.#run()
  }
}
