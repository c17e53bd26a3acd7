import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Spaced } from '../src/case/spaced'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

test('[GAL-16] asked once, it runs at once; asked over and over, once in each while, and once more after the last', () => {
  let runs = 0
  const spaced = new Spaced(1_000, () => (runs += 1))
  spaced.ask()
  expect(runs).toBe(1)
  for (let at = 0; at < 40; at += 1) {
    spaced.ask()
    vi.advanceTimersByTime(100)
  }
  expect(runs).toBe(5)
  spaced.ask()
  vi.advanceTimersByTime(10_000)
  expect(runs).toBe(6)
  spaced.ask()
  expect(runs).toBe(7)
})

test('[GAL-16] closed, it runs no more', () => {
  let runs = 0
  const spaced = new Spaced(1_000, () => (runs += 1))
  spaced.ask()
  spaced.ask()
  spaced.close()
  vi.advanceTimersByTime(10_000)
  expect(runs).toBe(1)
})
