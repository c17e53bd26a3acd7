import fc from 'fast-check'
import { expect, test } from 'vitest'
import { POINTS, type Shape } from '../../src/annotations/annotation'
import { distanceTo, hit, hitPoint, LEEWAY } from '../../src/marking/hitting'
import { boxOf, distanceToSegment, simplified, strokesOf } from '../../src/marking/outline'
import { mapped, type Point } from '../../src/viewer/geometry'
import { placing, turned, whole, zoomed } from '../../src/viewer/view'

const SHAPES = Object.keys(POINTS) as Shape[]
const picture = { width: 500, height: 400, aspect: 1.5 }
const window_ = { width: 800, height: 600 }
const point = fc.record({ x: fc.integer({ min: 0, max: 500 }), y: fc.integer({ min: 0, max: 400 }) })
const marks = fc.constantFrom(...SHAPES).chain((shape) =>
  fc.record({ shape: fc.constant(shape), points: fc.array(point, { minLength: POINTS[shape].least, maxLength: Math.min(POINTS[shape].most, 12) }) }),
)
const placings = fc.record({ degrees: fc.integer({ min: 0, max: 359 }), factor: fc.double({ min: 0.3, max: 20, noNaN: true }) }).map(({ degrees, factor }) =>
  placing(zoomed(turned(whole(picture), degrees), picture, window_, factor, { x: 400, y: 300 }), picture, window_),
)

test('[MARK-1] whoever points at a line of a mark means it, however the picture is turned and zoomed; beyond the leeway nobody does', () => {
  let far = 0
  fc.assert(
    fc.property(marks, placings, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(), (mark, placed, share, which) => {
      const strokes = strokesOf(mark.shape, mark.points)
      const stroke = strokes[which % strokes.length]
      const at = which % Math.max(1, (stroke?.points.length ?? 1) - 1)
      const [from, to] = [stroke?.points[at], stroke?.points[at + 1] ?? stroke?.points[at]]
      if (from === undefined || to === undefined) throw new Error('a mark without a line')
      const on = mapped(placed, { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share })
      expect(hit([mark], placed, on, LEEWAY.mouse)).toBe(mark)
      const beside: Point = { x: on.x + 30, y: on.y - 20 }
      if (distanceTo(mark, placed, beside) > LEEWAY.mouse) {
        far += 1
        expect(hit([mark], placed, beside, LEEWAY.mouse)).toBeNull()
      }
    }),
  )
  expect(far).toBeGreaterThan(10)
})

test('[MARK-1] the nearest of several is meant, not the one around it, and the later of two in the same place', () => {
  const placed = { a: 1, b: 0, c: 0, d: 1, e: 0, f: 0 }
  const around = { shape: 'rectangle' as const, points: [{ x: 0, y: 0 }, { x: 100, y: 100 }] }
  const within = { shape: 'length' as const, points: [{ x: 20, y: 50 }, { x: 80, y: 50 }] }
  const same = { ...within }
  expect(hit([within, around], placed, { x: 50, y: 53 }, 7)).toBe(within)
  expect(hit([within, around], placed, { x: 50, y: 98 }, 7)).toBe(around)
  expect(hit([within, around], placed, { x: 50, y: 75 }, 7)).toBeNull()
  expect(hit([within, same, around], placed, { x: 50, y: 50 }, 7)).toBe(same)
  expect(hitPoint(within.points, { x: 78, y: 52 }, 7)).toBe(1)
  expect(hitPoint(within.points, { x: 50, y: 50 }, 7)).toBeNull()
})

test('[MARK-1] a line of a hand keeps its course with fewer points', () => {
  fc.assert(
    fc.property(fc.array(point, { minLength: 2, maxLength: 200 }), (points) => {
      const kept = simplified(points, 2, 2000)
      expect(kept[0]).toEqual(points[0])
      expect(kept.at(-1)).toEqual(points.at(-1))
      for (const each of points) {
        const off = kept.slice(1).map((to, at) => distanceToSegment(each, kept[at] ?? to, to))
        expect(Math.min(...off, Math.hypot(each.x - (kept[0]?.x ?? 0), each.y - (kept[0]?.y ?? 0)))).toBeLessThanOrEqual(2)
      }
    }),
  )
  const straight = Array.from({ length: 5000 }, (_, x) => ({ x, y: 0 }))
  expect(simplified(straight, 0.5, 2000)).toHaveLength(2)
  const spiral = Array.from({ length: 2500 }, (_, at) => ({ x: at * Math.cos(at), y: at * Math.sin(at) }))
  expect(simplified(spiral, 0.5, 2000).length).toBeLessThanOrEqual(2000)
})

test('[MARK-1] an ellipse touches all four sides of the box that its two points span', () => {
  const [stroke] = strokesOf('ellipse', [{ x: 30, y: 80 }, { x: 10, y: 20 }])
  const box = boxOf(stroke?.points ?? [])
  for (const [side, value] of Object.entries({ left: 10, right: 30, top: 20, bottom: 80 })) expect(Reflect.get(box, side)).toBeCloseTo(value, 6)
})
