import fc from 'fast-check'
import i18next from 'i18next'
import { expect, test } from 'vitest'
import type { Annotation } from '../../src/annotations/annotation'
import es from '../../src/i18n/es.json'
import { type Carried, pack, unpack } from '../../src/viewer/carried'
import { beginOf, frameNumber, frameOf, loopedTo, loopFrom, loopTo, SPEEDS, stepped, untilTurn, within } from '../../src/viewer/filmTime'
import { clock } from '../../src/viewer/figures'
import { markersOf, nextMarker } from '../../src/viewer/markers'

const rates = fc.constantFrom(5, 10, 15, 23.976, 24, 25, 29.97, 30, 50, 59.94, 60, 120)

test('[VIEW-11] a step leads into the middle of the next frame, whatever the rate, and back into the one before', () => {
  fc.assert(
    fc.property(rates, fc.integer({ min: 2, max: 5000 }), fc.nat(), (rate, frames, some) => {
      const at = some % frames
      const [begin, duration] = [at / rate, frames / rate]
      const on = stepped(begin, 1, rate, duration)
      const back = stepped(begin, -1, rate, duration)
      if (at === frames - 1) expect(on).toBeNull()
      else expect(on).toBeCloseTo((at + 1.5) / rate, 6)
      if (at === 0) expect(back).toBeNull()
      else expect(back).toBeCloseTo((at - 0.5) / rate, 6)
    }),
  )
})

test('[VIEW-11] ten frames on from near the end is the last frame, and ten back from near the beginning the first', () => {
  expect(stepped(90 / 25, 10, 25, 4)).toBeCloseTo(3.98, 6)
  expect(stepped(95 / 25, 10, 25, 4)).toBeCloseTo(3.98, 6)
  expect(stepped(4 / 25, -10, 25, 4)).toBe(0)
})

test('[VIEW-11] what a link says of a frame is within that frame after it was cut to milliseconds', () => {
  fc.assert(
    fc.property(rates, fc.integer({ min: 0, max: 100_000 }), (rate, at) => {
      const said = Math.round(within(at / rate, rate) * 1000) / 1000
      expect(Math.floor(said * rate)).toBe(at)
      expect(frameNumber(at / rate, rate)).toBe(at + 1)
      expect(frameOf(within(at / rate, rate), rate)).toBe(at)
    }),
  )
})

test('[VIEW-11] a step begins with the frame that is shown, with the one that a seek leads to, and leads out of a long one', () => {
  expect(beginOf(1, 1.02, 25)).toBe(1)
  expect(beginOf(1, 1.06, 25)).toBeCloseTo(1.04, 9)
  expect(beginOf(1, 1.5, 25)).toBeCloseTo(1.48, 9)
  expect(beginOf(0, 0, null)).toBe(0)
})

test('[VIEW-11] a loop turns round while its last frame is shown, and not after it', () => {
  const loop = { from: 1, to: 2 }
  expect(untilTurn(1.5, loop, 25)).toBeCloseTo(0.48, 9)
  expect(untilTurn(1.97, loop, null)).toBeCloseTo(0.01, 9)
  expect([1.98, 1.99, 2.5].map((at) => untilTurn(at, loop, 25))).toEqual([0, 0, 0])
  expect(untilTurn(1.9, loop, 5)).toBe(0)
})

test('[VIEW-11] a loop goes on at its beginning, and its ends never cross', () => {
  const loop = { from: 1, to: 2 }
  expect(loopedTo(1.5, null)).toBeNull()
  expect([0.5, 1, 1.999, 2, 3].map((at) => loopedTo(at, loop))).toEqual([1, null, null, 1, 1])
  expect(loopFrom(null, 3, 10)).toEqual({ from: 3, to: 10 })
  expect(loopFrom(loop, 3, 10)).toEqual({ from: 3, to: 10 })
  expect(loopFrom(loop, 1.5, 10)).toEqual({ from: 1.5, to: 2 })
  expect(loopFrom(null, 10, 10)).toBeNull()
  expect(loopTo(null, 4)).toEqual({ from: 0, to: 4 })
  expect(loopTo(loop, 0.5)).toEqual({ from: 0, to: 0.5 })
  expect(loopTo(null, 0)).toBeNull()
})

test('[VIEW-11] [LANG-2] times are told to the millisecond, in the language that is spoken, and none that has not come', async () => {
  i18next.addResourceBundle('es', 'translation', es)
  await i18next.changeLanguage('es')
  expect([0, 62.345, 3600.002].map(clock)).toEqual(['0:00,000', '1:02,345', '1:00:00,002'])
  await i18next.changeLanguage('en')
  expect([0, 0.0334, 1.9999, 62.345, 3599.9999, 3600.002].map(clock)).toEqual(['0:00.000', '0:00.033', '0:01.999', '1:02.345', '59:59.999', '1:00:00.002'])
})

test('[VIEW-11] how fast a film runs travels with it, in the same few words', () => {
  const carried: Carried = {
    media: 'm',
    frame: 0,
    view: { centre: { x: 1, y: 2 }, extent: { width: 3, height: 4 }, turn: 0, isMirrored: true },
    window: null,
    isInverted: false,
    seconds: 1.234,
    isPlaying: true,
    pointer: null,
  }
  for (const speed of SPEEDS) {
    const sent = speed === 1 ? carried : { ...carried, speed }
    expect(unpack(JSON.parse(JSON.stringify(pack(sent))))).toEqual(sent)
  }
  expect(unpack(pack({ ...carried, speed: 17 }))).toEqual(carried)
})

test('[VIEW-11] marks stand on the timeline in its order, and the next is found from wherever one is', () => {
  const mark = (id: string, seconds: number | null, isRemoved = false): Annotation => ({
    id,
    media: 'm',
    spot: { file: null, frame: null, seconds },
    shape: 'point',
    points: [{ x: 1, y: 1 }],
    label: '',
    code: null,
    by: { id: 'p', name: 'Ada', role: 'lead', color: '#112233' },
    at: new Date(0),
    changed: new Date(0),
    replies: [],
    isResolved: false,
    isLocked: false,
    isRemoved,
  })
  const markers = markersOf([mark('late', 9), mark('none', null), mark('early', 2), mark('gone', 5, true)])
  expect(markers.map(({ id }) => id)).toEqual(['early', 'late'])
  expect(nextMarker(markers, 0, 1)?.id).toBe('early')
  expect(nextMarker(markers, 2.01, 1)?.id).toBe('late')
  expect(nextMarker(markers, 9, 1)).toBeNull()
  expect(nextMarker(markers, 9, -1)?.id).toBe('early')
  expect(nextMarker(markers, 2, -1)).toBeNull()
})
