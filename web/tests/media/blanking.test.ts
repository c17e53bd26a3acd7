import fc from 'fast-check'
import { expect, test } from 'vitest'
import { between, CORNERS, fresh, held, isOn, pressed, shifted, stretched } from '../../src/media/blanking'

const within = { width: 640, height: 480 }
const point = fc.record({ x: fc.integer({ min: -200, max: 900 }), y: fc.integer({ min: -200, max: 700 }) })

function isInside({ x, y, width, height }: { x: number; y: number; width: number; height: number }): boolean {
  return [x, y, width, height].every(Number.isInteger) && x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= within.width && y + height <= within.height
}

test('[GAL-8] whatever is drawn, moved, stretched or pressed, an area stays whole pixels inside the picture', () => {
  const keys = fc.constantFrom('ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown')
  fc.assert(
    fc.property(point, point, point, fc.constantFrom(...CORNERS), keys, fc.boolean(), fc.boolean(), (a, b, c, corner, key, shiftKey, altKey) => {
      const drawn = between(a, b, within, null)
      expect(isInside(drawn)).toBe(true)
      const moved = shifted(drawn, c, within)
      expect(isInside(moved)).toBe(true)
      expect([moved.width, moved.height]).toEqual([drawn.width, drawn.height])
      expect(isInside(stretched(drawn, corner, c, within))).toBe(true)
      const next = pressed(drawn, { key, shiftKey, altKey }, within)
      expect(next !== null && isInside(next)).toBe(true)
    }),
  )
})

test('[GAL-8] what was drawn inside is covered, to the last part of a pixel', () => {
  expect(between({ x: 10.6, y: 20.2 }, { x: 100.1, y: 60.9 }, within, 2)).toEqual({ frame: 2, x: 10, y: 20, width: 91, height: 41 })
  expect(between({ x: 100, y: 60 }, { x: 10, y: 20 }, within, null)).toEqual({ frame: null, x: 10, y: 20, width: 90, height: 40 })
})

test('[GAL-8] arrows move, with Shift they resize, with Alt by single pixels', () => {
  const blank = { frame: null, x: 100, y: 100, width: 50, height: 40 }
  const press = (key: string, shiftKey = false, altKey = false) => pressed(blank, { key, shiftKey, altKey }, within)
  expect(press('ArrowRight', false, true)).toMatchObject({ x: 101, y: 100, width: 50 })
  expect(press('ArrowUp')?.y).toBeLessThan(100)
  expect(press('ArrowDown', true, true)).toMatchObject({ y: 100, height: 41 })
  expect(press('ArrowLeft', true)?.width).toBeLessThan(50)
  expect(press('a')).toBeNull()
})

test('an area of a tiny picture is all of it', () => {
  expect(held({ frame: null, x: 0, y: 0, width: 50, height: 50 }, { width: 3, height: 2 })).toMatchObject({ x: 0, y: 0, width: 3, height: 2 })
})

test('a new one is in the middle, and on the frames that it names', () => {
  expect(isInside(fresh(within, null))).toBe(true)
  expect([isOn(fresh(within, null), 7), isOn(fresh(within, 7), 7), isOn(fresh(within, 7), 8)]).toEqual([true, true, false])
})
