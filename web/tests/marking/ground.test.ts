import { expect, test } from 'vitest'
import type { Spot } from '../../src/annotations/annotation'
import { groundOfEcg, groundOfPages } from '../../src/marking/ground'
import { Marking } from '../../src/marking/marking.svelte'
import { measureWords, shortMeasure, sourceWords } from '../../src/marking/markWords'
import type { Curves } from '../../src/viewer/curves'
import { EcgLooking } from '../../src/viewer/ecg.svelte'
import { PagesLooking } from '../../src/viewer/pages.svelte'
import { MemoryMarked } from './memory.svelte'

const TWELVE = ['I', 'II', 'III', 'aVR', 'aVL', 'aVF', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6']
const me = { id: 'me', name: 'Ada Lind', role: 'lead', color: '#0b6b6b' }

const sheet = (names: readonly string[], isCalibrated = true): Curves => ({
  hertz: 500,
  seconds: 10,
  filters: { low: null, high: null, notch: null },
  leads: names.map((name) => ({ name, values: new Float32Array(5000), isCalibrated })),
})
const on = (frame: number): Spot => ({ file: null, frame, seconds: null })

test('[MARK-11] each layout of each sheet is a picture of its own, with a name; with too few leads for columns there is one', () => {
  const looking = new EcgLooking('m', [sheet(TWELVE), sheet(['I', 'II'])], null)
  const ground = groundOfEcg(looking)
  expect([0, 1, 2, 3, 4].map((frame) => ground.at(on(frame)))).toEqual([0, 1, 3, 3, null])
  expect(ground.at({ file: null, frame: null, seconds: null })).toBeNull()
  expect([ground.spot.frame, ground.placeName(on(0)), ground.placeName(on(1))]).toEqual([0, 'Page 1 of 2 · 4 columns and rhythm', 'Page 1 of 2 · One lead a line'])
  looking.go(1)
  expect([ground.spot.frame, ground.placeName(on(2)), ground.placeName(on(8))]).toEqual([3, 'Page 2 of 2 · One lead a line', ''])
  expect(groundOfEcg(new EcgLooking('m', [sheet(TWELVE)], null)).placeName(on(1))).toBe('One lead a line')
})

test('[MARK-11] whoever chooses a mark of another layout or sheet is shown it', () => {
  const looking = new EcgLooking('m', [sheet(TWELVE), sheet(TWELVE)], null)
  const marked = new MemoryMarked(me)
  const ids = [1, 2, 9].map((frame) => marked.add({ media: 'm', spot: on(frame), shape: 'point', points: [{ x: 40, y: 40 }], label: '', code: null }))
  const marking = new Marking(groundOfEcg(looking), () => marked, me)
  marking.choose(ids[0] ?? null)
  expect([looking.at, looking.layout]).toEqual([0, 'lines'])
  marking.choose(ids[1] ?? null)
  expect([looking.at, looking.layout]).toEqual([1, 'columns'])
  marking.choose(ids[2] ?? null)
  expect([looking.at, looking.layout]).toEqual([1, 'columns'])
})

test('[MARK-11] a length tells milliseconds, beats a minute and what voltage is known, a rectangle milliseconds, all else nothing', () => {
  const points = [{ x: 30, y: 60 }, { x: 50, y: 52.5 }]
  const words = (ground: ReturnType<typeof groundOfEcg>, shape: 'length' | 'rectangle' | 'ellipse' | 'arrow'): string => measureWords(ground.measure({ shape, points, spot: on(0) }))
  const ground = groundOfEcg(new EcgLooking('m', [sheet(TWELVE)], null))
  expect(words(ground, 'length')).toBe('800 ms · 75 a minute · 0.75 mV')
  expect(words(groundOfEcg(new EcgLooking('m', [sheet(TWELVE, false)], null)), 'length')).toBe('800 ms · 75 a minute')
  expect(words(ground, 'rectangle')).toBe('800 ms')
  expect([words(ground, 'ellipse'), words(ground, 'arrow')]).toEqual(['', ''])
  expect(measureWords(ground.measure({ shape: 'length', points: [{ x: 30, y: 60 }, { x: 31, y: 45 }], spot: on(0) }))).toBe('40 ms · 1.5 mV')
  const measure = ground.measure({ shape: 'length', points, spot: on(0) })
  expect([sourceWords(measure), shortMeasure(measure)]).toEqual(['', '800 ms · 75 a minute · 0.75 mV'])
  expect(ground.shapes).not.toContain('angle')
})

test('[MARK-11] a place on the paper is told by its lead and its second', () => {
  const looking = new EcgLooking('m', [sheet(TWELVE)], null)
  const ground = groundOfEcg(looking)
  expect(ground.pointName({ x: 16 + 31, y: 23 }, null)).toBe('I, at 1.24 s')
  expect(ground.pointName({ x: 16 + 25 * 5.5, y: 50 }, null)).toBe('V2, at 5.5 s')
  looking.setSpeed(50)
  expect(ground.pointName({ x: 6, y: 23 }, null)).toBe('I, at -0.2 s')
  const length = { shape: 'length', points: [{ x: 116, y: 53 }, { x: 126, y: 85 }] } as const
  expect([ground.pointName(length.points[1], length), ground.pointName(length.points[1], null)]).toEqual(['II, at 2.2 s', 'III, at 2.2 s'])
})

test('[MARK-2] on a page of a document angles are told, and neither lengths nor areas', () => {
  const page = { width: 1240, height: 1754, offset: 0, length: 1 }
  const ground = groundOfPages(new PagesLooking('m', [page], null))
  const corners = [{ x: 10, y: 0 }, { x: 0, y: 0 }, { x: 0, y: 10 }]
  expect(measureWords(ground.measure({ shape: 'angle', points: corners, spot: on(0) }))).toBe('90°')
  for (const shape of ['length', 'rectangle', 'polygon'] as const) expect(ground.measure({ shape, points: corners, spot: on(0) })).toBeNull()
})
