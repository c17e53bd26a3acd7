import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Shape } from '../../src/annotations/annotation'
import { measureOf } from '../../src/marking/measures'
import type { Point } from '../../src/viewer/geometry'
import { scaleAt } from '../../src/viewer/measuring'

const body = { spacing: { row: 0.8, column: 0.5, from: 'pixel-spacing' as const }, regions: [] }
const none = { spacing: null, regions: [] }
const scan = { left: 10, top: 10, right: 109, bottom: 109, row: 0.2, column: 0.1 }
const ultrasound = { spacing: { row: 0.2, column: 0.1, from: 'ultrasound-region' as const }, regions: [scan] }

const at = (...pairs: readonly (readonly [number, number])[]): Point[] => pairs.map(([x, y]) => ({ x, y }))
const measured = (shape: Shape, points: readonly Point[], from: Parameters<typeof scaleAt>[0] = body, aspect = 1) =>
  measureOf(shape, points, scaleAt(from, points), aspect)

test('[MARK-2] lengths and areas count rows and columns by their own spacing, and say where it is from', () => {
  expect(measured('length', at([0, 0], [6, 0]))).toMatchObject({ is: 'length', length: 3, unit: 'mm', from: 'pixel-spacing' })
  expect(measured('length', at([0, 0], [0, 5]))).toMatchObject({ length: 4 })
  expect(measured('bidirectional', at([0, 0], [0, 10], [-3, 5], [3, 5]))).toMatchObject({ is: 'two lengths', long: 8, short: 3 })
  expect(measured('rectangle', at([10, 20], [4, 5]))).toMatchObject({ is: 'area', area: 36, unit: 'mm' })
  expect(measured('polygon', at([4, 5], [10, 5], [10, 20], [4, 20]))).toMatchObject({ area: 36 })
  const ellipse = measured('ellipse', at([4, 5], [10, 20]))
  expect(ellipse?.is === 'area' && ellipse.area).toBeCloseTo((36 * Math.PI) / 4, 9)
})

test('[MARK-2] without a calibration that holds for all of its points, pixels are told', () => {
  expect(measured('length', at([0, 0], [3, 4]), none)).toEqual({ is: 'length', length: 5, unit: 'px', from: null })
  expect(measured('length', at([20, 20], [50, 20]), ultrasound)).toEqual({ is: 'length', length: 3, unit: 'mm', from: 'ultrasound-region' })
  expect(measured('length', at([20, 20], [150, 20]), ultrasound)).toEqual({ is: 'length', length: 130, unit: 'px', from: null })
})

test('[MARK-2] angles are those that are seen: pixels that are higher than wide bend them', () => {
  const corner = at([10, 0], [0, 0], [10, 10])
  const degrees = (found: ReturnType<typeof measured>): number => (found?.is === 'angle' ? found.degrees : NaN)
  expect(degrees(measured('angle', corner, none))).toBeCloseTo(45, 9)
  expect(degrees(measured('angle', corner, none, 2))).toBeCloseTo((Math.atan(2) * 180) / Math.PI, 9)
  expect(degrees(measured('angle', corner))).toBeCloseTo((Math.atan(8 / 5) * 180) / Math.PI, 9)
  expect(degrees(measured('angle', at([10, 0], [0, 0], [-10, 0])))).toBe(180)
  fc.assert(
    fc.property(fc.double({ min: 0, max: 359, noNaN: true }), fc.double({ min: 0, max: 90, noNaN: true }), fc.boolean(), (first, between, isBack) => {
      const way = (turn: number): Point => ({ x: 100 * Math.cos((turn * Math.PI) / 180), y: 100 * Math.sin((turn * Math.PI) / 180) })
      const line = [{ x: 0, y: 0 }, way(first)]
      const other = [{ x: 50, y: 70 }, way(first + between)].map((each, index) => (index === 0 ? each : { x: each.x + 50, y: each.y + 70 }))
      expect(degrees(measured('cobb', [...line, ...(isBack ? other.reverse() : other)], none))).toBeCloseTo(between, 4)
    }),
  )
})

test('[MARK-2] what is half drawn measures what is there, and what is no measure nothing', () => {
  expect(measured('bidirectional', at([0, 0], [6, 0]))).toMatchObject({ is: 'length', length: 3 })
  expect(measured('angle', at([0, 0], [6, 0]))).toBeNull()
  for (const shape of ['point', 'arrow', 'freehand'] as const) expect(measured(shape, at([0, 0], [6, 0]))).toBeNull()
})
