/** How fast bytes go, and how long the rest takes: over the last seconds, so that a changed link shows. */

const WINDOW_MS = 12_000
/** Less than this says nothing yet. */
const SHORTEST_MS = 1_500

export class Pace {
  #seen: { readonly at: number; readonly bytes: number }[] = []

  /** `bytes` went since the last time. */
  went(bytes: number, now: number): void {
    const last = this.#seen.at(-1)
    // A hundred tellings a second are one entry.
    if (last !== undefined && now - last.at < 200) this.#seen[this.#seen.length - 1] = { at: last.at, bytes: last.bytes + bytes }
    else this.#seen.push({ at: now, bytes })
    this.#seen = this.#seen.filter(({ at }) => now - at < WINDOW_MS)
  }

  /** Bytes a second; null: nobody can say yet. */
  speed(now: number): number | null {
    const seen = this.#seen.filter(({ at }) => now - at < WINDOW_MS)
    const [first] = seen
    if (first === undefined || now - first.at < SHORTEST_MS) return null
    return (seen.reduce((sum, { bytes }) => sum + bytes, 0) * 1000) / (now - first.at)
  }

  secondsFor(bytes: number, now: number): number | null {
    const speed = this.speed(now)
    return speed === null || speed < 1 ? null : bytes / speed
  }

  forget(): void {
    this.#seen = []
  }
}
