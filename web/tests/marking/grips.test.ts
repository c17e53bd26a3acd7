import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { handlesOf, placeOf } from '../../src/annotations/handles'
import { shownGrips, sideOf } from '../../src/marking/grips'
import { mapped, moving, product, scaling, turning } from '../../src/viewer/geometry'

const point = fc.record({ x: fc.integer({ min: 0, max: 500 }), y: fc.integer({ min: 0, max: 500 }) })
const placing = fc
  .record({ zoom: fc.double({ min: 0.05, max: 8, noNaN: true }), turn: fc.integer({ min: 0, max: 3 }), isMirrored: fc.boolean() })
  .map(({ zoom, turn, isMirrored }) => product(moving(300, 200), turning(90 * turn), scaling(isMirrored ? -zoom : zoom, zoom)))

test('[MARK-10] the eight grips of a box are apart however small it is, and each has the name of where it is seen', () => {
  let small = 0
  fc.assert(
    fc.property(point, point, placing, (one, other, placed) => {
      const mark = { shape: 'rectangle' as const, points: [one, other] }
      const grips = shownGrips(mark, placed)
      expect(grips).toHaveLength(8)
      grips.forEach((grip, at) => grips.slice(at + 1).forEach((next) => expect(Math.hypot(grip.x - next.x, grip.y - next.y)).toBeGreaterThan(23.9)))
      const named = new Map(grips.map((grip, at) => [sideOf(mark, placed, at), grip]))
      expect(named.size).toBe(8)
      const middle = mapped(placed, { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 })
      for (const [name, { x, y }] of named) {
        const is = name?.toLowerCase() ?? ''
        expect([is.includes('left'), is.includes('right')]).toEqual([x < middle.x - 1, x > middle.x + 1])
        expect([is.startsWith('upper'), is.startsWith('lower')]).toEqual([y < middle.y - 1, y > middle.y + 1])
      }
      const isLarge = Math.min(Math.abs(one.x - other.x), Math.abs(one.y - other.y)) * Math.hypot(placed.a, placed.b) >= 48
      if (!isLarge) return void (small += 1)
      handlesOf(mark).forEach((handle, at) => {
        const there = mapped(placed, placeOf(handle, mark.points))
        expect(Math.hypot((grips[at]?.x ?? NaN) - there.x, (grips[at]?.y ?? NaN) - there.y)).toBeLessThan(1e-6)
      })
    }),
  )
  expect(small).toBeGreaterThan(5)
  expect(small).toBeLessThan(95)
})
