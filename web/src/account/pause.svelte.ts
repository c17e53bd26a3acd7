/** A pause that the server asked for, counted down where the person can see it. */

export class Pause {
  /** Seconds until the next try; 0: now. */
  left = $state(0)

  #timer: ReturnType<typeof setInterval> | undefined

  begin(seconds: number): void {
    this.stop()
    this.left = Math.max(1, Math.ceil(seconds))
    // Counted, and not read off the clock, which may be set meanwhile.
    this.#timer = setInterval(() => {
      this.left -= 1
      if (this.left <= 0) this.stop()
    }, 1000)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.left = 0
  }
}
