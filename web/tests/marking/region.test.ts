import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Shape } from '../../src/annotations/annotation'
import { statisticsOf } from '../../src/marking/region'
import type { Frame } from '../../src/viewer/decoding'
import type { Point } from '../../src/viewer/geometry'
import type { Values } from '../../src/viewer/values'

const values: Values = {
  slope: 2, intercept: -1024, modalityTable: null, unit: 'HU', windows: [], windowFunction: 'LINEAR', tables: [], isInverted: false, padding: 7,
}
const SIZE = 24
const frames = fc.array(fc.integer({ min: 0, max: 4095 }), { minLength: SIZE * SIZE, maxLength: SIZE * SIZE }).map(
  (numbers): Frame => ({ width: SIZE, height: SIZE, samples: 1, numbers: Uint16Array.from(numbers, (each, at) => (at % 11 === 0 ? 7 : each)) }),
)
// Also beyond the picture, and never through a pixel's middle: there the last bit of a number would decide.
const place = fc.integer({ min: -40, max: 300 }).map((tenths) => tenths / 10 + 0.03)
const points = fc.array(fc.record({ x: place, y: place }), { minLength: 3, maxLength: 9 })

/** The plain way: each pixel's middle is asked whether it lies inside. */
function isInside(shape: Shape, [one, two, ...rest]: readonly Point[], at: Point): boolean {
  if (one === undefined || two === undefined) return false
  const [left, right] = [Math.min(one.x, two.x), Math.max(one.x, two.x)]
  const [top, bottom] = [Math.min(one.y, two.y), Math.max(one.y, two.y)]
  if (shape === 'rectangle') return at.x >= left && at.x <= right && at.y >= top && at.y <= bottom
  if (shape === 'ellipse') return ((at.x - (left + right) / 2) / ((right - left) / 2)) ** 2 + ((at.y - (top + bottom) / 2) / ((bottom - top) / 2)) ** 2 <= 1
  const corners = [one, two, ...rest]
  let isIn = false
  corners.forEach((from, index) => {
    const to = corners[(index + corners.length - 1) % corners.length] ?? from
    if (from.y > at.y !== to.y > at.y && at.x < ((to.x - from.x) * (at.y - from.y)) / (to.y - from.y) + from.x) isIn = !isIn
  })
  return isIn
}

/** On a side of a polygon, but for what numbers are rounded to: on neither side of it. */
function isOnSide(corners: readonly Point[], at: Point): boolean {
  return corners.some((from, index) => {
    const to = corners[(index + 1) % corners.length] ?? from
    if (from.y > at.y === to.y > at.y) return false
    return Math.abs(from.x + ((to.x - from.x) * (at.y - from.y)) / (to.y - from.y) - at.x) < 1e-9
  })
}

test('[MARK-3] they are those of the real values of all pixels whose middle lies inside, without what is no picture', () => {
  let told = 0
  fc.assert(
    fc.property(frames, fc.constantFrom<Shape>('rectangle', 'ellipse', 'polygon'), points, (frame, shape, drawn) => {
      const corners = shape === 'polygon' ? drawn : drawn.slice(0, 2)
      const inside: number[] = []
      for (let row = 0; row < SIZE; row += 1) {
        for (let column = 0; column < SIZE; column += 1) {
          const stored = frame.numbers[row * SIZE + column]
          fc.pre(shape !== 'polygon' || !isOnSide(corners, { x: column + 0.5, y: row + 0.5 }))
          if (stored !== undefined && stored !== 7 && isInside(shape, corners, { x: column + 0.5, y: row + 0.5 })) inside.push(stored * 2 - 1024)
        }
      }
      const found = statisticsOf(shape, corners, frame, values)
      if (inside.length === 0) return void expect(found).toBeNull()
      told += 1
      const mean = inside.reduce((sum, each) => sum + each, 0) / inside.length
      expect(found?.count).toBe(inside.length)
      expect(found?.mean).toBeCloseTo(mean, 6)
      expect(found?.deviation).toBeCloseTo(Math.sqrt(inside.reduce((sum, each) => sum + (each - mean) ** 2, 0) / inside.length), 6)
      expect(found?.least).toBe(Math.min(...inside))
      expect(found?.most).toBe(Math.max(...inside))
    }),
  )
  expect(told).toBeGreaterThan(30)
})

test('[MARK-3] shapes without an inside and colours have none', () => {
  const frame: Frame = { width: 2, height: 2, samples: 1, numbers: Uint8Array.from([1, 2, 3, 4]) }
  const all = [{ x: 0, y: 0 }, { x: 2, y: 2 }]
  expect(statisticsOf('rectangle', all, frame, values)).toEqual({ mean: -1019, deviation: Math.sqrt(5), least: -1022, most: -1016, count: 4 })
  expect(statisticsOf('length', all, frame, values)).toBeNull()
  expect(statisticsOf('rectangle', all, { ...frame, samples: 3 }, values)).toBeNull()
  expect(statisticsOf('rectangle', [{ x: 5, y: 5 }, { x: 9, y: 9 }], frame, values)).toBeNull()
})

test('[MARK-3] what lies between the padding value and its limit is no picture either', () => {
  const frame: Frame = { width: 2, height: 2, samples: 1, numbers: Uint16Array.from([5, 6, 8, 10]) }
  const all = [{ x: 0, y: 0 }, { x: 2, y: 2 }]
  expect(statisticsOf('rectangle', all, frame, { ...values, padding: 7, paddingLimit: 5 })).toMatchObject({ count: 2, least: 16 - 1024, most: 20 - 1024 })
})
