import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Curves, readCurves } from '../../src/viewer/curves'
import { EcgLooking } from '../../src/viewer/ecg.svelte'
import { lineOf, measured, mayBeColumns, paperOf, ROW_MM } from '../../src/viewer/paper'

const NAMES = ['I', 'II', 'III', 'aVR', 'aVL', 'aVF', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6']

const curves = (names: readonly string[], hertz = 500, seconds = 10, value: (index: number) => number = () => 0): Curves => ({
  hertz,
  seconds,
  filters: { low: null, high: null, notch: null },
  leads: names.map((name) => ({ name, values: Float32Array.from({ length: hertz * seconds }, (_, index) => value(index)), isCalibrated: true })),
})

test('[VIEW-16] twelve leads stand in four columns over a rhythm, each for its quarter of the time, at 25 mm a second', () => {
  const paper = paperOf(curves(NAMES), 'columns', 25)
  expect(paper.strips.map(({ name }) => name)).toEqual([...NAMES, 'II'])
  const [v1, rhythm] = [paper.strips[6], paper.strips[12]]
  expect([v1?.from, v1?.seconds]).toEqual([5, 2.5])
  expect((v1?.x ?? 0) - (paper.strips[0]?.x ?? 0)).toBe(125)
  expect([rhythm?.from, rhythm?.seconds]).toEqual([0, 10])
  expect((rhythm?.y ?? 0) - (paper.strips[0]?.y ?? 0)).toBe(3 * ROW_MM)
  expect(paper.strips.filter(({ isFirst }) => isFirst)).toHaveLength(4)
  expect(paperOf(curves(NAMES), 'columns', 50).width - paper.width).toBe(250)
})

test('[VIEW-16] a lead that is missing keeps its place; a file with few of them shows each on a line of its own', () => {
  const paper = paperOf(curves(NAMES.filter((name) => name !== 'V3')), 'columns', 25)
  expect(paper.strips.filter(({ lead }) => lead === null).map(({ name }) => name)).toEqual(['V3'])
  const few = curves(['I', 'II', 'Resp'])
  expect(mayBeColumns(few)).toBe(false)
  expect(paperOf(few, 'columns', 25).strips.map(({ name, seconds }) => [name, seconds])).toEqual([['I', 10], ['II', 10], ['Resp', 10]])
})

test('[VIEW-16] a millivolt is ten millimetres high and a second 25 long; a spike of one sample is never lost', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4999 }), fc.double({ min: 0.05, max: 20, noNaN: true }), fc.constantFrom(5 as const, 10 as const, 20 as const), (spike, pointsPerMm, gain) => {
      const strip = paperOf(curves(['I'], 500, 10, (index) => (index === spike ? 2000 : 0)), 'lines', 25).strips[0]
      if (strip === undefined) throw new Error('no strip')
      const line = lineOf(strip, 500, 25, gain, pointsPerMm)
      const top = line.reduce((best, each) => (each.y < best.y ? each : best))
      expect(strip.y - top.y).toBeCloseTo(2 * gain, 6)
      expect(top.x - strip.x).toBeCloseTo((spike / 500) * 25, 6)
      if (pointsPerMm < 1) expect(line.length).toBeLessThan(1000)
    }),
  )
})

test('[VIEW-17] calipers tell milliseconds, beats a minute and millivolts, whichever of them is first', () => {
  const [one, other] = [{ x: 16, y: 40 }, { x: 36, y: 25 }]
  expect(measured({ one, other }, 25, 10)).toEqual({ milliseconds: 800, perMinute: 75, millivolts: 1.5 })
  expect(measured({ one: other, other: one }, 50, 20)).toEqual({ milliseconds: 400, perMinute: 150, millivolts: 0.75 })
  expect(measured({ one, other: one }, 25, 10).perMinute).toBeNull()
})

test('[VIEW-17] on paper of another speed and gain calipers stay at their moments and voltages', () => {
  const looking = new EcgLooking('m', [curves(NAMES)], null)
  looking.toggleCalipers()
  looking.nudge('one', 0.02, 0.3)
  const before = looking.measured
  looking.setSpeed(50)
  looking.setGain(20)
  expect(looking.measured?.milliseconds).toBe(before?.milliseconds)
  expect(looking.measured?.millivolts).toBeCloseTo(before?.millivolts ?? NaN, 9)
})

test('[VIEW-16] paper, layout and place travel in a link; what comes from others is paper that there is', () => {
  const sheets = [curves(NAMES), curves(NAMES)]
  const looking = new EcgLooking('m', sheets, null)
  looking.go(1)
  looking.lay('lines')
  looking.setSpeed(50)
  looking.setGain(5)
  const other = new EcgLooking('m', sheets, looking.carried())
  expect([other.at, other.layout, other.speed, other.gain, other.view]).toEqual([1, 'lines', 50, 5, looking.view])
  other.take({ ...looking.carried(), frame: 99, window: { centre: 31, width: 7 } })
  expect([other.at, other.speed, other.gain]).toEqual([1, 25, 10])
})

test('[VIEW-16] sheets that were made before anybody told what numbers mean tell no millivolts', () => {
  const old = readCurves({ format: 'ecg-waveform/1', hertz: 500, seconds: 1, leads: [{ name: 'I', microvolts: [1, 2] }] })
  expect(old.leads[0]?.isCalibrated).toBeNull()
  expect(new EcgLooking('m', [old], null).isCalibrated).toBe(false)
  expect(() => readCurves({ format: 'ecg-waveform/2' })).toThrow()
})
