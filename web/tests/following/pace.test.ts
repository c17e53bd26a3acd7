import fc from 'fast-check'
import { expect, test } from 'vitest'
import { APART_MS, type Clock, Pace } from '../../src/following/pace'

/** Time that passes when told to. */
class Watch implements Clock {
  at = 0
  #timers: { readonly due: number; readonly run: () => void }[] = []

  readonly now = (): number => this.at
  readonly later = (run: () => void, millis: number): (() => void) => {
    const timer = { due: this.at + millis, run }
    this.#timers.push(timer)
    return () => void (this.#timers = this.#timers.filter((each) => each !== timer))
  }

  pass(millis: number): void {
    const end = this.at + millis
    for (;;) {
      const next = this.#timers.filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)[0]
      if (next === undefined) break
      this.#timers = this.#timers.filter((each) => each !== next)
      this.at = next.due
      next.run()
    }
    this.at = end
  }
}

test('[FOL-5] the first word is said at once, then the newest of each while, and always the last; fifteen a second at most', () => {
  let most = 0
  let coalesced = 0
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 5 })), { minLength: 1, maxLength: 200, size: 'max' }), (moves) => {
      const watch = new Watch()
      const said: { readonly at: number; readonly value: number }[] = []
      const pace = new Pace<number>((value) => said.push({ at: watch.at, value }), APART_MS, watch)
      for (const [index, [pause, value]] of moves.entries()) {
        watch.pass(pause)
        pace.push(value)
        if (index === 0) expect(said).toEqual([{ at: watch.at, value }])
      }
      watch.pass(1_000)
      const last = moves.at(-1)?.[1]
      expect(said.at(-1)?.value).toBe(last)
      for (const [index, { at }] of said.entries()) {
        const before = said[index - 1]
        if (before !== undefined) expect(at - before.at).toBeGreaterThanOrEqual(APART_MS - 1e-6)
        most = Math.max(most, said.filter((each) => each.at >= at && each.at < at + 1_000 - 1e-6).length)
      }
      if (said.length < moves.length) coalesced += 1
    }),
    { numRuns: 300 },
  )
  expect(most).toBeLessThanOrEqual(15)
  expect(most).toBeGreaterThan(12)
  expect(coalesced).toBeGreaterThan(100)
})

test('[FOL-5] nothing is said while nothing changes, nor after the end', () => {
  const watch = new Watch()
  const said: number[] = []
  const pace = new Pace<number>((value) => said.push(value), APART_MS, watch)
  pace.push(1)
  for (let at = 0; at < 100; at += 1) {
    watch.pass(20)
    pace.push(1)
  }
  expect(said).toEqual([1])
  pace.push(2)
  pace.push(3)
  pace.push(2) // back to what was said: there is nothing new
  watch.pass(1_000)
  expect(said).toEqual([1, 2])
  pace.push(4)
  pace.push(5)
  pace.stop()
  watch.pass(1_000)
  expect(said).toEqual([1, 2, 4])
})
