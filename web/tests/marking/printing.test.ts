import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Annotation, type Drawn, POINTS, type Shape } from '../../src/annotations/annotation'
import { handlesOf, isBox, placeOf } from '../../src/annotations/handles'
import { groundOfEcg } from '../../src/marking/ground'
import { printed } from '../../src/marking/printed'
import type { Curves } from '../../src/viewer/curves'
import { EcgLooking } from '../../src/viewer/ecg.svelte'
import type { Point } from '../../src/viewer/geometry'
import { GAINS, LEFT_MM, type Layout, lineOf, PAPER_SPEEDS, type Print, ROW_MM } from '../../src/viewer/paper'
import { MemoryMarked } from './memory.svelte'

const NAMES = ['I', 'II', 'III', 'aVR', 'aVL', 'aVF', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6']
const me = { id: 'me', name: 'Ada Lind', role: 'lead', color: '#0b6b6b' }

/** A beat each 0.8 s, a spike of 1.8 mV in every lead. */
const curves: Curves = {
  hertz: 500,
  seconds: 10,
  filters: { low: null, high: null, notch: null },
  leads: NAMES.map((name) => ({ name, values: Float32Array.from({ length: 5000 }, (_, at) => (at % 400 === 100 ? 1800 : 0)), isCalibrated: true })),
}

const looked = (layout: Layout, { speed, gain }: Print): EcgLooking => {
  const looking = new EcgLooking('m', [curves, curves], null)
  looking.lay(layout)
  looking.setSpeed(speed)
  looking.setGain(gain)
  return looking
}

const prints = fc.record({ speed: fc.constantFrom(...PAPER_SPEEDS), gain: fc.constantFrom(...GAINS) })
const layouts = fc.constantFrom<Layout>('columns', 'lines')
const shapes = fc.constantFrom<Shape>('point', 'rectangle', 'ellipse', 'freehand', 'arrow', 'length')
/** Not `double`, of which most are next to nothing. */
const share = fc.integer({ min: 0, max: 1000 }).map((thousandths) => thousandths / 1000)
const places = fc.record({ x: share, y: share })

/** Of the paper's width and height. */
const on = ({ picture }: EcgLooking, { x, y }: Point): Point => ({ x: x * picture.width, y: y * picture.height })

function draw(marked: MemoryMarked, looking: EcgLooking, shape: Shape, points: readonly Point[]): string {
  const drawn: Drawn = { media: 'm', spot: { file: null, frame: looking.frame, seconds: null }, shape, points, label: '', code: null }
  return printed(marked, looking).add(drawn)
}

function seen(marked: MemoryMarked, looking: EcgLooking, id: string): Annotation {
  const found = printed(marked, looking).find(id)
  if (found === null) throw new Error('it is gone')
  return found
}

function expectNear(found: readonly Point[], expected: readonly Point[]): void {
  expect(found).toHaveLength(expected.length)
  for (const [at, { x, y }] of expected.entries()) {
    expect(found[at]?.x).toBeCloseTo(x, 6)
    expect(found[at]?.y).toBeCloseTo(y, 6)
  }
}

function expectSameMeasure(marked: MemoryMarked, id: string, here: EcgLooking, there: EcgLooking): void {
  const [told, read] = [here, there].map((looking) => groundOfEcg(looking).measure(seen(marked, looking, id)))
  if (told?.is !== 'interval' || read?.is !== 'interval') throw new Error('it measures nothing')
  expect(Math.abs(read.milliseconds - told.milliseconds)).toBeLessThanOrEqual(1)
  expect(read.millivolts).toBeCloseTo(told.millivolts ?? NaN, 6)
}

test('[MARK-11] on its drawer’s paper a mark lies where it was drawn, on every other one at the same moments; a length measures the same on all', () => {
  let [elsewhere, several] = [0, 0]
  fc.assert(
    fc.property(layouts, prints, prints, shapes, fc.array(places, { minLength: 4, maxLength: 12 }), (layout, mine, theirs, shape, all) => {
      const marked = new MemoryMarked(me)
      const [here, there] = [looked(layout, mine), looked(layout, theirs)]
      const points = all.slice(0, Math.min(POINTS[shape].most, all.length)).map((place) => on(here, place))
      const id = draw(marked, here, shape, points)
      expectNear(seen(marked, here, id).points, points)
      const other = seen(marked, there, id)
      expectNear(other.points.map(({ x }) => ({ x, y: 0 })), points.map(({ x }) => ({ x: LEFT_MM + ((x - LEFT_MM) / mine.speed) * theirs.speed, y: 0 })))
      if (mine.gain !== theirs.gain) elsewhere += 1
      if (isBox(shape) && Math.abs((points[0]?.y ?? 0) - (points[1]?.y ?? 0)) > 60) several += 1
      if (shape === 'length') expectSameMeasure(marked, id, here, there)
    }),
  )
  expect(Math.min(elsewhere, several)).toBeGreaterThan(5)
})

test('[MARK-11] a grip that is moved on any paper is where it was let go there, and all other points stay', () => {
  let boxes = 0
  fc.assert(
    fc.property(layouts, prints, prints, shapes, places, places, places, fc.nat(7), (layout, mine, theirs, shape, one, two, to, grip) => {
      const marked = new MemoryMarked(me)
      const [here, there] = [looked(layout, mine), looked(layout, theirs)]
      const id = draw(marked, here, shape, [one, two].slice(0, POINTS[shape].most).map((place) => on(here, place)))
      const before = seen(marked, there, id)
      const handle = handlesOf(before)[grip]
      if (handle === undefined) return
      const target = on(there, to)
      printed(marked, there).moveHandle(id, grip, target)
      const after = seen(marked, there, id)
      const found = placeOf(handle, after.points)
      if (handle.x !== null) expect(found.x).toBeCloseTo(target.x, 6)
      if (handle.y !== null) expect(found.y).toBeCloseTo(target.y, 6)
      for (const axis of ['x', 'y'] as const)
        for (const [at, point] of before.points.entries()) if (at !== handle[axis]) expect(after.points[at]?.[axis]).toBeCloseTo(point[axis], 6)
      if (shape === 'length') expectSameMeasure(marked, id, here, there)
      if (isBox(shape)) boxes += 1
    }),
  )
  expect(boxes).toBeGreaterThan(5)
})

test('[MARK-11] all of a mark that is moved on any paper keeps its form there', () => {
  let rows = 0
  fc.assert(
    fc.property(layouts, prints, prints, shapes, places, places, fc.array(places, { minLength: 1, maxLength: 3 }), (layout, mine, theirs, shape, one, two, moves) => {
      const marked = new MemoryMarked(me)
      const [here, there] = [looked(layout, mine), looked(layout, theirs)]
      const id = draw(marked, here, shape, [one, two].slice(0, POINTS[shape].most).map((place) => on(here, place)))
      for (const move of moves) {
        const by = on(there, { x: move.x - 0.5, y: move.y - 0.5 })
        const before = seen(marked, there, id).points
        printed(marked, there).moveAll(id, by)
        expectNear(seen(marked, there, id).points, before.map(({ x, y }) => ({ x: x + by.x, y: y + by.y })))
        if (Math.abs(by.y) > 30) rows += 1
      }
    }),
  )
  expect(rows).toBeGreaterThan(5)
})

test('[MARK-11] it is kept as it is documented: by row, in millimetres of the paper that everybody expects', () => {
  const marked = new MemoryMarked(me)
  const here = looked('lines', { speed: 50, gain: 5 })
  const zero = here.picture.strips[2]?.y ?? NaN
  const id = draw(marked, here, 'length', [{ x: LEFT_MM + 70, y: zero }, { x: LEFT_MM + 70, y: zero - 7.5 }])
  expectNear(marked.find(id)?.points ?? [], [{ x: 35, y: 20_000 }, { x: 35, y: 19_985 }])
})

test('[MARK-11] a length from spike to spike lies on them on every paper, also where they reach into the row above', () => {
  for (const mine of [{ speed: 25, gain: 20 }, { speed: 50, gain: 10 }, { speed: 25, gain: 5 }] as const) {
    const marked = new MemoryMarked(me)
    const here = looked('lines', mine)
    const peaks = (looking: EcgLooking): readonly Point[] => {
      const strip = looking.picture.strips[4]
      if (strip === undefined) throw new Error('no strip')
      return lineOf(strip, curves.hertz, looking.speed, looking.gain, 100).filter(({ y }) => y < strip.y - looking.gain).slice(0, 2)
    }
    expect(peaks(here)).toHaveLength(2)
    const id = draw(marked, here, 'length', peaks(here))
    for (const speed of PAPER_SPEEDS)
      for (const gain of GAINS) {
        const there = looked('lines', { speed, gain })
        expectNear(seen(marked, there, id).points, peaks(there))
        expect(groundOfEcg(there).measure(seen(marked, there, id))).toMatchObject({ is: 'interval', milliseconds: 800, millivolts: 0 })
      }
  }
})

test('[MARK-11] what is moved to another lead is at the same voltages of that one on every paper', () => {
  const marked = new MemoryMarked(me)
  const [here, there] = [looked('lines', { speed: 25, gain: 20 }), looked('lines', { speed: 50, gain: 5 })]
  const at = ({ picture }: EcgLooking, row: number): number => picture.strips[row]?.y ?? NaN
  const id = draw(marked, here, 'rectangle', [{ x: 40, y: at(here, 4) - 8 }, { x: 50, y: at(here, 4) + 4 }])
  printed(marked, here).moveAll(id, { x: 25, y: ROW_MM + 2 })
  expectNear(seen(marked, there, id).points, [{ x: 114, y: at(there, 5) - 1.5 }, { x: 134, y: at(there, 5) + 1.5 }])
})

test('[MARK-11] a rectangle over three leads lies over the same three on every paper, and tells no voltage', () => {
  const marked = new MemoryMarked(me)
  const here = looked('lines', { speed: 25, gain: 10 })
  const [first, last] = [here.picture.strips[6], here.picture.strips[8]]
  if (first === undefined || last === undefined) throw new Error('no strips')
  const id = draw(marked, here, 'rectangle', [{ x: 50, y: first.y - 5 }, { x: 60, y: last.y + 5 }])
  expectNear(seen(marked, looked('lines', { speed: 50, gain: 20 }), id).points, [{ x: 84, y: first.y - 10 }, { x: 104, y: last.y + 10 }])
  expect(groundOfEcg(here).measure(seen(marked, here, id))).toEqual({ is: 'interval', milliseconds: 400, perMinute: null, millivolts: null })
})

test('[MARK-11] on the same paper the same list and the same marks are the same objects', () => {
  const marked = new MemoryMarked(me)
  const looking = looked('columns', { speed: 25, gain: 10 })
  const one = draw(marked, looking, 'point', [{ x: 30, y: 30 }])
  const all = marked.of('m')
  marked.of = () => all
  const shown = printed(marked, looking)
  const list = shown.of('m')
  expect(shown.of('m')).toBe(list)
  expect(shown.find(one)).toBe(list[0])
  looking.setSpeed(50)
  expect(shown.of('m')).not.toBe(list)
})
