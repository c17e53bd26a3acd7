import fc from 'fast-check'
import { expect, test } from 'vitest'
import { POINTS, type Shape } from '../../src/annotations/annotation'
import { begun, canEnd, type Draft, ended, isOpenEnded, set, withNext, withoutLast } from '../../src/marking/draft'

const SHAPES = Object.keys(POINTS) as Shape[]
const REACH = 3
const spread = (count: number): { x: number; y: number }[] => Array.from({ length: count }, (_, at) => ({ x: 20 * at, y: at % 2 === 0 ? 0 : 90 }))

test('[MARK-4] a shape with so many points is done with its last one; all of them are as they were set', () => {
  for (const shape of SHAPES.filter((each) => !isOpenEnded(each))) {
    const points = spread(POINTS[shape].most)
    let draft = begun(shape)
    points.forEach((each, at) => {
      const drawing = set(draft, each, REACH)
      expect(drawing.is).toBe(at === points.length - 1 ? 'done' : 'going on')
      if (drawing.is === 'going on') draft = drawing.draft
      else expect(drawing.points).toEqual(points)
    })
  }
})

test('[MARK-4] a polygon ends where somebody says so, clicks twice, or comes back to its first corner; not before it has an inside', () => {
  const going = (points: readonly { x: number; y: number }[]): Draft => points.reduce((draft, each) => {
    const drawing = set(draft, each, REACH)
    return drawing.is === 'going on' ? drawing.draft : draft
  }, begun('polygon'))
  const two = going(spread(2))
  expect(canEnd(two)).toBe(false)
  expect(ended(two)).toEqual({ is: 'going on', draft: two })
  expect(set(two, { x: 20, y: 91 }, REACH)).toEqual({ is: 'going on', draft: two })
  const four = going(spread(4))
  const done = { is: 'done', points: spread(4) }
  expect(ended(four)).toEqual(done)
  expect(set(four, { x: 61, y: 91 }, REACH)).toEqual(done)
  expect(set(four, { x: 1, y: 1 }, REACH)).toEqual(done)
  expect(withoutLast(four).points).toEqual(spread(3))
  expect(withNext(four, { x: 5, y: 5 })).toHaveLength(5)
})

test('[MARK-4] whatever is clicked, no mark has too few or too many points, nor a line without a length', () => {
  let done = 0
  fc.assert(
    fc.property(fc.constantFrom(...SHAPES), fc.array(fc.record({ x: fc.integer({ min: 0, max: 9 }), y: fc.integer({ min: 0, max: 9 }) }), { maxLength: 300 }), (shape, clicks) => {
      let draft = begun(shape)
      for (const at of clicks) {
        const drawing = set(draft, at, 1)
        draft = drawing.is === 'going on' ? drawing.draft : begun(shape)
        if (drawing.is === 'going on') continue
        done += 1
        expect(drawing.points.length).toBeGreaterThanOrEqual(POINTS[shape].least)
        expect(drawing.points.length).toBeLessThanOrEqual(POINTS[shape].most)
        if (drawing.points.length === 2) expect(drawing.points[0]).not.toEqual(drawing.points[1])
      }
    }),
  )
  expect(done).toBeGreaterThan(50)
})
