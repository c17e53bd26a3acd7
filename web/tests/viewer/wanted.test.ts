import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Frame } from '../../src/viewer/decoding'
import { around, Wanted } from '../../src/viewer/wanted'

const FRAME_BYTES = 512 * 512 * 2

function frameOf(): Frame {
  return { width: 512, height: 512, samples: 1, numbers: new Uint16Array(512 * 512) }
}

/** A store that answers when it is told to. */
class Store {
  readonly asked: number[] = []
  readonly #open = new Map<number, { answer: () => void; fail: () => void; stop: AbortSignal }>()
  most = 0

  read = (at: number, stop: AbortSignal): Promise<Frame> => {
    this.asked.push(at)
    return new Promise((resolve, reject) => {
      this.#open.set(at, { answer: () => resolve(frameOf()), fail: () => reject(new Error('away')), stop })
      this.most = Math.max(this.most, this.#open.size)
      stop.addEventListener('abort', () => (this.#open.delete(at), reject(new Error('stopped'))))
    })
  }

  sizeOf = ({ numbers }: Frame): number => numbers.byteLength

  wait = (): Promise<void> => Promise.resolve()

  async answer(at: number): Promise<void> {
    this.#open.get(at)?.answer()
    this.#open.delete(at)
    await settled()
  }

  async fail(at: number): Promise<void> {
    this.#open.get(at)?.fail()
    this.#open.delete(at)
    await settled()
  }

  async answerAll(): Promise<void> {
    while (this.#open.size > 0) for (const at of [...this.#open.keys()]) await this.answer(at)
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

test('[VIEW-6] the one that is looked at comes first, then its neighbours, most of them ahead', async () => {
  const store = new Store()
  const frames = new Wanted<Frame>(store, () => undefined)
  frames.want(around(250, 1, 500))
  expect(store.asked).toEqual([250, 251, 252, 249, 253, 254])
  await store.answerAll()
  expect(frames.get(250)).not.toBeNull()
  expect(frames.state(274)).toBe('here')
  expect(frames.state(275)).toBe('away')
  expect(store.most).toBeLessThanOrEqual(6)
  expect(new Set(store.asked).size).toBe(store.asked.length)
})

test('[VIEW-6] who scrolls on waits for nothing that was left behind', async () => {
  const store = new Store()
  const frames = new Wanted<Frame>(store, () => undefined)
  frames.want(around(10, 1, 500))
  frames.want(around(400, 1, 500))
  await settled()
  expect(store.asked.slice(6)).toEqual([400, 401, 402, 399, 403, 404])
  expect(frames.state(10)).toBe('away')
})

test('[VIEW-6] no more is kept than there is room for, and of that what is near', async () => {
  const store = new Store()
  const frames = new Wanted<Frame>(store, () => undefined, 50 * FRAME_BYTES)
  for (let at = 0; at < 500; at += 10) {
    frames.want(around(at, 1, 500))
    await store.answerAll()
    expect(frames.here).toBeLessThanOrEqual(50)
    expect(around(at, 1, 500).every((each) => frames.state(each) === 'here')).toBe(true)
  }
})

test('[VIEW-6] what cannot be had is tried again, then said, then tried again when somebody asks', async () => {
  const store = new Store()
  const changes: number[] = []
  const frames = new Wanted<Frame>(store, (at) => changes.push(at))
  frames.want([0])
  for (let tries = 0; tries < 5; tries += 1) {
    expect(frames.state(0)).toBe('coming')
    await store.fail(0)
  }
  expect([frames.state(0), changes]).toEqual(['failed', [0]])
  frames.again()
  await store.answer(0)
  expect(frames.state(0)).toBe('here')
})

test('[VIEW-6] what is wanted around any frame is inside the series, each once, itself first', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 600 }), fc.nat(), fc.constantFrom<1 | -1>(1, -1), (count, seed, direction) => {
      const at = seed % count
      const wanted = around(at, direction, count)
      expect(wanted[0]).toBe(at)
      expect(new Set(wanted).size).toBe(wanted.length)
      expect(wanted.every((each) => each >= 0 && each < count)).toBe(true)
    }),
  )
})
