import { expect, test } from 'vitest'
import type { Annotation } from '../../src/annotations/annotation'
import { lineColour } from '../../src/marking/colours'
import { paintLabels } from '../../src/marking/labels'
import { inSight, paintMarks } from '../../src/marking/painting'
import { placing, whole, zoomed } from '../../src/viewer/view'

const picture = { width: 10_000, height: 10_000, aspect: 1 }
const window_ = { width: 1000, height: 800 }
const people = ['#0b6b6b', '#802020', '#204080'].map((color, at) => ({ id: String(at), name: `Person ${at}`, role: 'lead', color }))
const MANY = 10_000
const marks: readonly Annotation[] = Array.from({ length: MANY }, (_, at) => {
  const [x, y] = [(at % 100) * 100, Math.floor(at / 100) * 100]
  const by = people[at % people.length]
  if (by === undefined) throw new Error('nobody')
  return {
    id: String(at), media: 'm', spot: { file: null, frame: null, seconds: null }, shape: 'ellipse', points: [{ x, y }, { x: x + 60, y: y + 40 }], label: `mark ${at}`, code: null, by,
    at: new Date(0), changed: new Date(0), replies: [], isResolved: false, isLocked: false, isRemoved: false,
  }
})

/** A canvas that only counts what is asked of it. */
function counting(): { readonly context: CanvasRenderingContext2D; readonly calls: Map<string, number> } {
  const calls = new Map<string, number>()
  const context: CanvasRenderingContext2D = new Proxy(Object.create(null), {
    get: (_, name) => (...asked: unknown[]) => {
      calls.set(String(name), (calls.get(String(name)) ?? 0) + 1)
      return name === 'measureText' ? { width: 6 * String(asked[0]).length } : undefined
    },
    set: () => true,
  })
  return { context, calls }
}

test('[MARK-7] of ten thousand marks only those in sight are drawn, in two strokes a colour, with as many labels as there is room for', () => {
  const near = placing(zoomed(whole(picture), picture, window_, 20, { x: 500, y: 400 }), picture, window_)
  const seen = inSight(marks, near, window_)
  // 625 × 500 of 10,000 × 10,000 are in sight, and what reaches into them.
  expect(seen.length).toBeGreaterThan(20)
  expect(seen.length).toBeLessThan(100)
  const { context, calls } = counting()
  paintMarks(context, seen, near)
  expect(calls.get('stroke')).toBe(2 * people.length)
  expect((calls.get('lineTo') ?? 0) / seen.length).toBeLessThan(75)

  const far = placing(whole(picture), picture, window_)
  const all = inSight(marks, far, window_)
  expect(all).toHaveLength(MANY)
  const whole_ = counting()
  paintMarks(whole_.context, all, far)
  paintLabels(whole_.context, all.map((each, at) => ({ ...each, number: at + 1, words: [each.mark.label], isElsewhere: false })), window_)
  // So many that none is told from another: a dot for each, and its dark edge.
  expect(whole_.calls.get('stroke')).toBeUndefined()
  expect(whole_.calls.get('fillRect')).toBe(2 * MANY)
  expect(whole_.calls.get('fillText') ?? 0).toBeLessThanOrEqual(300)
  expect(whole_.calls.get('fillText') ?? 0).toBeGreaterThan(50)
})

test('[MARK-7] labels never lie on each other, nor beyond the window', () => {
  const boxes: { x: number; y: number; width: number }[] = []
  const { context } = counting()
  const noting = new Proxy(context, {
    get: (target, name) => (name === 'roundRect' ? (x: number, y: number, width: number, _: number, corners: unknown) => typeof corners === 'number' && boxes.push({ x, y, width }) : Reflect.get(target, name)),
    set: () => true,
  })
  const far = placing(whole(picture), picture, window_)
  paintLabels(noting, inSight(marks, far, window_).map((each) => ({ ...each, number: 1, words: [each.mark.label], isElsewhere: false })), window_)
  expect(boxes.length).toBeGreaterThan(20)
  boxes.forEach((one, at) => {
    expect(one.x).toBeGreaterThanOrEqual(0)
    expect(one.x + one.width).toBeLessThanOrEqual(window_.width)
    for (const other of boxes.slice(at + 1)) expect(Math.abs(one.y - other.y) >= 20 || one.x >= other.x + other.width || other.x >= one.x + one.width).toBe(true)
  })
})

test('[MARK-8] a line of any colour stands out from black, and has an edge for white', () => {
  const luminance = (color: string): number => [0.2126, 0.7152, 0.0722].reduce((sum, share, at) => sum + share * (parseInt(color.slice(1 + 2 * at, 3 + 2 * at), 16) / 255) ** 2.2, 0)
  for (const color of ['#000000', '#0b6b6b', '#7a0019', '#1d4ed8', '#ffffff']) expect((luminance(lineColour(color)) + 0.05) / 0.05).toBeGreaterThan(4.5)
})
