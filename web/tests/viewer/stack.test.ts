import { expect, test } from 'vitest'
import type { Frame } from '../../src/viewer/decoding'
import { Stack } from '../../src/viewer/stack'

const frameOf = (side: number): Frame => ({ width: side, height: side, samples: 1, numbers: new Uint16Array(side * side) })
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

/** A store that answers when it is told to. */
class Store {
  readonly asked: number[] = []
  readonly given: number[] = []
  readonly #open = new Map<number, () => void>()
  constructor(readonly side: number) {}

  read = (at: number, stop: AbortSignal): Promise<Frame> => {
    this.asked.push(at)
    return new Promise((resolve, reject) => {
      this.#open.set(at, () => resolve(frameOf(this.side)))
      stop.addEventListener('abort', () => (this.#open.delete(at), this.given.push(at), reject(new Error('stopped'))))
    })
  }

  sizeOf = ({ numbers }: Frame): number => numbers.byteLength
  wait = (): Promise<void> => Promise.resolve()

  /** The one that was asked for first. False: none is open. */
  async answer(): Promise<boolean> {
    const [first] = this.#open
    if (first === undefined) return false
    this.#open.delete(first[0])
    first[1]()
    await settled()
    return true
  }
}

function scene(hasCoarse: (at: number) => boolean = () => true): { exact: Store; coarse: Store; stack: Stack } {
  const [exact, coarse] = [new Store(64), new Store(16)]
  return { exact, coarse, stack: new Stack({ exact, coarse, hasCoarse }, () => undefined) }
}

test('[VIEW-21] the exact frame that is looked at and the coarse ones around it come first, then exact neighbours', async () => {
  const { exact, coarse, stack } = scene()
  stack.want(250, 1, 500)
  expect(exact.asked).toEqual([250])
  expect(coarse.asked[0]).toBe(250)
  for (let each = 0; each < 30; each += 1) await coarse.answer()
  expect(exact.asked).toEqual([250])
  await coarse.answer()
  for (let near = 240; near <= 270; near += 1) expect([near, stack.coarse(near) !== null]).toEqual([near, true])
  expect(exact.asked).toEqual([250, 251, 252, 249, 253, 254])
  await exact.answer()
  expect(stack.get(250)).not.toBeNull()
})

test('[VIEW-21] scrolling on gives up nothing that is on its way; a jump does', async () => {
  const { exact, coarse, stack } = scene()
  stack.want(250, 1, 500)
  while (await coarse.answer());
  const before = exact.asked.length
  stack.want(251, 1, 500)
  expect(exact.given).toEqual([])
  expect(exact.asked.length).toBe(before)
  stack.want(20, 1, 500)
  await settled()
  expect(exact.given.length).toBe(6)
  expect(exact.asked.at(-1)).toBe(20)
})

test('[VIEW-21] what has no coarse frames is fetched as before, and nothing coarse of what is here', async () => {
  const without = scene(() => false)
  without.stack.want(250, 1, 500)
  expect(without.exact.asked).toEqual([250, 251, 252, 249, 253, 254])
  expect(without.coarse.asked).toEqual([])
  const { exact, coarse, stack } = scene()
  stack.want(0, 1, 3)
  while ((await coarse.answer()) || (await exact.answer()));
  stack.want(1, 1, 3)
  expect([exact.asked, coarse.asked].map((asked) => [...asked].sort())).toEqual([
    [0, 1, 2],
    [0, 1, 2],
  ])
})
