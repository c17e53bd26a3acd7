import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Media } from '../../src/media/api'
import type { Carried } from '../../src/viewer/carried'
import type { Wish } from '../../src/viewer/still'
import { Stills } from '../../src/viewer/stills'

const SIZE = { width: 40, height: 30 }
const media = (about: Partial<Media> = {}): Media => ({
  id: 'm', kind: 'dicom', caption: '', alt: '', version: 1, by: { id: 'p', name: 'Ada' }, at: 0, files: 3,
  width: 4, height: 3, frames: 3, seconds: null, thumbnail: null, preview: null, certificate: null, ...about,
})
const view = (frame: number): Carried => ({
  media: 'm', frame, view: { centre: { x: 1, y: 2 }, extent: { width: 4, height: 3 }, turn: 0, isMirrored: false },
  window: null, isInverted: false, seconds: null, isPlaying: false, pointer: null,
})

let asked: { readonly wish: Wish; readonly answer: (address: string | null) => void; readonly fail: () => void }[] = []
let stills: Stills
const told: string[] = []
beforeEach(() => {
  vi.useFakeTimers()
  asked = []
  told.length = 0
  stills = new Stills('case', (wish) => new Promise((resolve, reject) => asked.push({ wish, answer: resolve, fail: () => reject(new Error('away')) })))
})
afterEach(() => {
  stills.close()
  vi.useRealTimers()
})

const show = (frame: number, far = 0, about: Partial<Media> = {}): (() => void) => stills.show(media(about), view(frame), SIZE, () => far, (address) => told.push(`${frame}: ${address}`))
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0)
const frames = (): readonly number[] => asked.map(({ wish }) => wish.view.frame)

test('[FOL-16] views are painted one after the other, the nearest first, and each once', async () => {
  show(0, 0)
  show(1, 900)
  show(2, 50)
  show(2, 50)
  expect(frames()).toEqual([0])
  asked[0]?.answer('zero')
  await settle()
  expect(frames()).toEqual([0, 2])
  asked[1]?.answer('two')
  await settle()
  expect(frames()).toEqual([0, 2, 1])
  expect(told).toEqual(['0: zero', '2: two', '2: two'])
  show(2)
  expect([frames(), told.at(-1)]).toEqual([[0, 2, 1], '2: two'])
})

test('[FOL-16] what nobody looks at any more is not painted, and what may have changed is painted anew', async () => {
  show(0)
  show(1)()
  asked[0]?.answer('zero')
  await settle()
  expect(frames()).toEqual([0])
  show(0, 0, { files: 4 })
  expect(frames()).toEqual([0, 0])
})

test('[FOL-16] what could not be had is tried again, and told when it cannot be had at all', async () => {
  show(0)
  asked[0]?.fail()
  await vi.advanceTimersByTimeAsync(60_000)
  expect([asked.length, told]).toEqual([2, []])
  for (const at of [1, 2, 3]) {
    asked[at]?.fail()
    await vi.advanceTimersByTimeAsync(60_000)
  }
  expect([asked.length, told]).toEqual([4, ['0: null']])
  show(0)
  asked[4]?.answer('zero')
  await settle()
  expect(told).toEqual(['0: null', '0: zero'])
})
