/** What is known of clocks: for each client, sorted spans that do not overlap. */

export interface Held<T> {
  readonly start: number
  readonly end: number
  readonly value: T
}

export class Spans<T> {
  readonly #held = new Map<number, Held<T>[]>()

  /** Clocks `start <= clock < end` of a client; nothing may be known of them yet. */
  put(client: number, start: number, end: number, value: T): void {
    const held = this.#held.get(client) ?? []
    if (held.length === 0) this.#held.set(client, held)
    const last = held.at(-1)
    if (last === undefined || last.end <= start) held.push({ start, end, value })
    else held.splice(search(held, (each) => each.start >= start), 0, { start, end, value })
  }

  /** All that is known of a client, in order. */
  all(client: number): readonly Held<T>[] {
    return this.#held.get(client) ?? []
  }

  /** What is known of `start <= clock < end`, cut to it. */
  of(client: number, start: number, end: number): readonly Held<T>[] {
    const held = this.all(client)
    const found: Held<T>[] = []
    for (let at = search(held, (each) => each.end > start); at < held.length; at++) {
      const each = held[at]
      if (each === undefined || each.start >= end) break
      found.push(each.start >= start && each.end <= end ? each : { ...each, start: Math.max(each.start, start), end: Math.min(each.end, end) })
    }
    return found
  }

  /** Whether something is known of any of them. */
  touches(client: number, start: number, end: number): boolean {
    const held = this.all(client)
    const first = held[search(held, (each) => each.end > start)]
    return first !== undefined && first.start < end
  }
}

/** The first index for which `holds`; it holds for all after it too. */
export function search<T>(sorted: readonly T[], holds: (each: T) => boolean): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const each = sorted[middle]
    if (each !== undefined && holds(each)) high = middle
    else low = middle + 1
  }
  return low
}
