import { expect, test } from 'vitest'
import type { Frame } from '../../src/viewer/decoding'
import { moving, product, scaling } from '../../src/viewer/geometry'
import { paint, painterOf } from '../../src/viewer/painting'
import { sampled, samplePieces, samplingOf } from '../../src/viewer/sampling'
import type { Values } from '../../src/viewer/values'

const PLAIN: Values = { slope: 1, intercept: 0, modalityTable: null, unit: null, windows: [], windowFunction: 'LINEAR', tables: [], isInverted: false, padding: null }
const WINDOW = { width: 100, height: 100 }
const frame = (width: number, height: number, number: (x: number, y: number) => number): Frame => ({
  width,
  height,
  samples: 1,
  numbers: Int16Array.from({ length: width * height }, (_, at) => number(at % width, Math.floor(at / width))),
})
const all = ({ width, height }: Frame) => ({ left: 0, top: 0, width, height })

test('[VIEW-25] a picture larger than the window is sampled in as many numbers as the window has pixels for it', () => {
  const { part, size } = samplingOf({ width: 400, height: 300 }, scaling(0.25, 0.25), WINDOW)
  expect(part).toEqual({ left: 0, top: 0, width: 400, height: 300 })
  expect(size).toEqual({ width: 100, height: 75 })
})

test('[VIEW-25] of an enlarged picture only what is in sight is sampled, and each of its pixels', () => {
  const { part, size } = samplingOf({ width: 400, height: 300 }, product(scaling(4, 4), moving(-100, -50)), WINDOW)
  expect(part).toEqual({ left: 99, top: 49, width: 27, height: 27 })
  expect(size).toEqual({ width: 27, height: 27 })
})

test('[VIEW-25] a screen of any size costs two million numbers at most', () => {
  const { size } = samplingOf({ width: 8000, height: 8000 }, scaling(0.9, 0.9), { width: 7200, height: 7200 })
  expect(size.width * size.height).toBeLessThan(2_010_000)
  expect(size.width * size.height).toBeGreaterThan(1_900_000)
})

test('[VIEW-25] each number is the mean of those under its pixel, whatever they divide by; each counts once', () => {
  const slope = frame(7, 5, (x, y) => 100 * x + 1000 * y)
  const { numbers } = sampled(slope, { part: all(slope), size: { width: 2, height: 2 } }, PLAIN)
  // Columns 0 to 2 and 3 to 6, rows 0 to 1 and 2 to 4.
  expect([...numbers]).toEqual([100 + 500, 450 + 500, 100 + 3000, 450 + 3000])
  expect(numbers).toBeInstanceOf(Int16Array)
})

test('[VIEW-25] numbers in sight are as they were where the window has room for each', () => {
  const slope = frame(9, 9, (x, y) => x * 31 - y * 17)
  const part = { left: 2, top: 3, width: 4, height: 5 }
  const { numbers } = sampled(slope, { part, size: part }, PLAIN)
  expect([...numbers]).toEqual(Array.from({ length: 20 }, (_, at) => (2 + (at % 4)) * 31 - (3 + Math.floor(at / 4)) * 17))
})

test('[VIEW-25] what is no picture darkens no edge, and stays what it is', () => {
  const half = frame(4, 2, (x) => (x < 3 ? -2000 : 400))
  expect([...sampled(half, { part: all(half), size: { width: 2, height: 1 } }, { ...PLAIN, padding: -2000 }).numbers]).toEqual([-2000, 400])
})

test('[VIEW-25] floats are not rounded', () => {
  const floats: Frame = { width: 2, height: 1, samples: 1, numbers: Float32Array.of(0.25, 0.5) }
  expect([...sampled(floats, { part: all(floats), size: { width: 1, height: 1 } }, PLAIN).numbers]).toEqual([0.375])
})

test('[VIEW-25] painted in pieces it is what it is painted at once', () => {
  const values: Values = { ...PLAIN, windowFunction: 'SIGMOID', isInverted: true, padding: 3 }
  const showing = { window: { centre: 40, width: 90, name: '' }, table: null, isInverted: false }
  const colours: Frame = { width: 6, height: 4, samples: 3, numbers: Uint8Array.from({ length: 72 }, (_, at) => at * 3) }
  const floats: Frame = { width: 6, height: 4, samples: 1, numbers: Float32Array.from({ length: 24 }, (_, at) => at * 2.5) }
  for (const each of [frame(6, 4, (x, y) => 13 * x + y), colours, floats]) {
    const [once, again] = [new Uint32Array(24), new Uint32Array(24)]
    paint(each, values, showing, once)
    const painted = painterOf(each, values, showing)
    for (const [from, to] of [[0, 12], [12, 18], [18, 24]] as const) painted(again.subarray(from, to), from)
    expect(again).toEqual(once)
    expect(new Set(once).size).toBeGreaterThan(5)
  }
})

test('[VIEW-25] made in pieces it is the same, and many pieces it is', () => {
  const large = frame(2000, 1500, (x, y) => (x * 7 + y * 13) % 4001)
  const sampling = { part: all(large), size: { width: 333, height: 250 } }
  const making = samplePieces(large, sampling, PLAIN)
  let [piece, count] = [making.next(), 1]
  for (; piece.done !== true; piece = making.next()) count += 1
  expect(count).toBeGreaterThan(4)
  expect(piece.value).toEqual(sampled(large, sampling, PLAIN))
})
