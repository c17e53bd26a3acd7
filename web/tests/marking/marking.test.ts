import { beforeEach, expect, test } from 'vitest'
import { type Annotation, SHAPES, type Spot } from '../../src/annotations/annotation'
import type { Ground } from '../../src/marking/ground'
import { Marking } from '../../src/marking/marking.svelte'
import type { Point } from '../../src/viewer/geometry'
import type { Claim } from '../../src/viewer/gestures'
import { whole } from '../../src/viewer/view'
import { MemoryMarked } from './memory.svelte'

const picture = { width: 100, height: 80, aspect: 1 }
const placed = { a: 2, b: 0, c: 0, d: 2, e: 0, f: 0 }
const me = { id: 'me', name: 'Ada Lind', role: 'lead', color: '#0b6b6b' }
const who = { id: 'me', role: 'contributor' }
const other = { id: 'other', name: 'Ben Okoro', role: 'consultant', color: '#802020' }
const spot = (frame: number): Spot => ({ file: 'f', frame, seconds: null })
const mouse = { button: 0, isTouch: false, isMouse: true }

let shown = 0
let pointer: Point | null = null
const ground: Ground = {
  media: 'm',
  get spot() {
    return spot(shown)
  },
  picture,
  view: whole(picture),
  get pointer() {
    return pointer
  },
  frame: null,
  values: null,
  shapes: SHAPES,
  measure: () => null,
  pointName: () => '',
  at: ({ frame }) => frame,
  placeName: () => '',
  go: ({ frame }) => void (shown = frame ?? 0),
}

let marked = new MemoryMarked(me)
let marking = new Marking(ground, () => marked, who)
beforeEach(() => {
  shown = 0
  pointer = null
  marked = new MemoryMarked(me)
  marking = new Marking(ground, () => marked, who)
})

/** In the window. */
const press = (at: Point, isTouch = false): Claim => {
  const claim = marking.claim(at, { button: 0, isTouch, isMouse: !isTouch }, placed)
  if (claim === null) throw new Error('nobody took it')
  return claim
}
const click = (x: number, y: number): void => press({ x, y }).up({ x, y })
const drag = (from: Point, ...to: readonly Point[]): void => {
  const claim = press(from)
  for (const each of to) claim.move(each)
  claim.up(to.at(-1) ?? from)
}
const points = (): readonly Point[] | undefined => marked.of('m').at(-1)?.points
const foreign = (about: Partial<Annotation>): Annotation => ({
  id: 'theirs', media: 'm', spot: spot(0), shape: 'length', points: [{ x: 10, y: 10 }, { x: 50, y: 10 }], label: '', code: null, by: other,
  at: new Date(0), changed: new Date(0), replies: [], isResolved: false, isLocked: false, isRemoved: false, ...about,
})

test('[MARK-4] dragging, clicking and keys make the same mark', () => {
  const expected = [{ x: 10, y: 20 }, { x: 40, y: 60 }]
  marking.draw('rectangle')
  drag({ x: 20, y: 40 }, { x: 50, y: 60 }, { x: 80, y: 120 })
  expect(points()).toEqual(expected)
  marking.draw('rectangle')
  click(20, 40)
  click(80, 120)
  expect(points()).toEqual(expected)
  marking.draw('rectangle')
  for (const each of expected) {
    marking.crosshair = each
    marking.setPoint(each, placed)
  }
  expect(points()).toEqual(expected)
  expect(marked.of('m')).toHaveLength(3)
  expect(marking.tool).toBeNull()
  expect(marking.chosen?.id).toBe('mark-3')
})

test('[MARK-4] an angle and a Cobb angle take a drag for two of their points, and what is outside stays at the edge', () => {
  marking.draw('angle')
  drag({ x: 20, y: 40 }, { x: 80, y: 40 })
  expect(marking.draft?.points).toHaveLength(2)
  drag({ x: 90, y: 90 }, { x: 300, y: 20 })
  expect(points()).toEqual([{ x: 10, y: 20 }, { x: 40, y: 20 }, { x: 100, y: 10 }])
  marking.draw('cobb')
  drag({ x: 20, y: 40 }, { x: 80, y: 40 })
  drag({ x: 20, y: 100 }, { x: 80, y: 90 })
  expect(points()).toHaveLength(4)
})

test('[MARK-4] a line of a hand and a polygon of clicks', () => {
  marking.draw('freehand')
  drag({ x: 10, y: 10 }, ...Array.from({ length: 50 }, (_, at) => ({ x: 10 + at * 3, y: 10 })), { x: 157, y: 90 })
  expect(points()?.[0]).toEqual({ x: 5, y: 5 })
  expect(points()?.length).toBeLessThan(6)
  marking.draw('polygon')
  for (const [x, y] of [[10, 10], [60, 10], [60, 60], [10, 60]] as const) click(x, y)
  click(11, 61)
  expect(points()).toEqual([{ x: 5, y: 5 }, { x: 30, y: 5 }, { x: 30, y: 30 }, { x: 5, y: 30 }])
})

test('[MARK-4] Escape gives up what is half drawn, then the tool, then the choice; a second finger sets no point', () => {
  marking.draw('length')
  click(20, 20)
  expect(marking.escape()).toBe(true)
  expect(marking.draft).toEqual({ shape: 'length', points: [] })
  const finger = press({ x: 30, y: 30 }, true)
  finger.move({ x: 60, y: 60 })
  finger.cancel()
  expect(marking.draft?.points).toEqual([])
  expect(marking.escape()).toBe(true)
  expect(marking.tool).toBeNull()
  expect(marking.escape()).toBe(false)
  expect(marked.of('m')).toEqual([])
})

test('[MARK-5] points and whole marks are moved by dragging, by two clicks and by keys; each time it is one step to take back', () => {
  marking.draw('length')
  drag({ x: 20, y: 20 }, { x: 60, y: 20 })
  drag({ x: 60, y: 20 }, { x: 80, y: 60 }, { x: 100, y: 100 })
  expect(points()).toEqual([{ x: 10, y: 10 }, { x: 50, y: 50 }])
  click(20, 20)
  expect(marking.isHolding).toBe(true)
  pointer = { x: 5, y: 5 }
  click(8, 8)
  expect(points()).toEqual([{ x: 4, y: 4 }, { x: 50, y: 50 }])
  for (let times = 0; times < 5; times += 1) marking.nudge('all', { x: -3, y: 1 })
  marking.putDownNudged()
  expect(points()).toEqual([{ x: 0, y: 9 }, { x: 46, y: 55 }])
  expect(marked.steps).toEqual(['add length', 'change mark-1', 'change mark-1', 'change mark-1'])
  marking.nudge(0, { x: 9, y: 9 })
  marking.escape()
  expect(marked.steps).toHaveLength(4)
})

test('[MARK-10] a rectangle is resized at corners and sides, by dragging, by two clicks and by keys, and moved by its line', () => {
  marking.draw('rectangle')
  drag({ x: 40, y: 40 }, { x: 80, y: 80 }, { x: 120, y: 120 })
  drag({ x: 120, y: 40 }, { x: 130, y: 30 }, { x: 140, y: 20 })
  expect(points()).toEqual([{ x: 20, y: 10 }, { x: 70, y: 60 }])
  drag({ x: 40, y: 70 }, { x: 30, y: 90 }, { x: 20, y: 110 })
  expect(points()).toEqual([{ x: 10, y: 10 }, { x: 70, y: 60 }])
  click(80, 120)
  pointer = { x: 5, y: 80 }
  click(10, 160)
  expect(points()).toEqual([{ x: 10, y: 10 }, { x: 70, y: 80 }])
  for (let times = 0; times < 3; times += 1) marking.nudge(4, { x: -1, y: -1 })
  marking.putDownNudged()
  expect(points()).toEqual([{ x: 10, y: 10 }, { x: 67, y: 77 }])
  drag({ x: 50, y: 20 }, { x: 60, y: 10 }, { x: 62, y: 6 })
  expect(points()).toEqual([{ x: 16, y: 3 }, { x: 73, y: 70 }])
  expect(marked.steps).toHaveLength(6)
})

test('[MARK-5] a click chooses, a drag over a mark that is not chosen is none of ours', () => {
  marked.bring(foreign({}))
  const claim = press({ x: 60, y: 22 })
  expect(claim.move({ x: 62, y: 22 })).toBe(true)
  expect(claim.move({ x: 90, y: 80 })).toBe(false)
  expect(marking.claim({ x: 60, y: 60 }, mouse, placed)).toBeNull()
  expect(marking.claim({ x: 60, y: 20 }, { ...mouse, button: 2 }, placed)).toBeNull()
  click(60, 22)
  expect(marking.chosen?.id).toBe('theirs')
  click(150, 150)
  expect(marking.chosen).toBeNull()
})

test('[MARK-5] who may not mark sees and chooses, and changes nothing; what is locked only its author moves', () => {
  marked.bring(foreign({ isLocked: true }))
  marking.choose('theirs')
  drag({ x: 20, y: 20 }, { x: 60, y: 60 })
  marking.remove()
  expect(marked.steps).toEqual([])
  expect(new Marking(ground, () => marked, { id: 'boss', role: 'lead' }).mayChange(foreign({ isLocked: true }))).toBe(true)
  marked.bring(foreign({ isLocked: false }))
  marked.mayMark = false
  marking.draw('point')
  expect(marking.tool).toBeNull()
  marking.nudge(0, { x: 1, y: 1 })
  marking.putDownNudged()
  marking.remove()
  expect(marked.steps).toEqual([])
  expect(marking.here).toHaveLength(1)
})

test('[MARK-6] choosing goes to the picture that it is on; only what is on that picture, and not hidden, is shown', () => {
  marked.bring(foreign({ id: 'one' }))
  marked.bring(foreign({ id: 'two', spot: spot(7), by: me }))
  marked.bring(foreign({ id: 'gone', isRemoved: true }))
  const fresh = (): readonly string[] => new Marking(ground, () => marked, who).here.map(({ id }) => id)
  expect(fresh()).toEqual(['one'])
  marking.choose('two')
  expect(shown).toBe(7)
  expect(fresh()).toEqual(['two'])
  expect(marking.listed.map(({ id }) => marking.numbers.get(id))).toEqual([1, 2])
  shown = 0
  const hiding = new Marking(ground, () => marked, who)
  hiding.hide('other', true)
  expect(hiding.here).toEqual([])
  expect(hiding.listed).toHaveLength(2)
})

test('[MARK-11] where other points lie under the hand, what was begun begins anew with the same tool', () => {
  marking.draw('polygon')
  click(20, 20)
  marking.startOver()
  expect([marking.tool, marking.draft?.points]).toEqual(['polygon', []])
  marking.draw(null)
  marked.bring(foreign({ by: me }))
  marking.choose('theirs')
  marking.pickUp(0)
  marking.startOver()
  expect([marking.isHolding, marking.selected]).toEqual([false, 'theirs'])
})

test('[MARK-12] after a mouse and after keys a mark waits for its words, after a finger it does not; what is done next ends the waiting', () => {
  marking.draw('length')
  drag({ x: 20, y: 20 }, { x: 60, y: 20 })
  expect([marking.made, marking.wantsWords]).toEqual(['mark-1', 'mark-1'])
  marking.draw('arrow')
  expect([marking.made, marking.wantsWords]).toEqual([null, null])
  const finger = press({ x: 20, y: 60 }, true)
  finger.move({ x: 60, y: 60 })
  finger.up({ x: 90, y: 60 })
  expect([marking.made, marking.wantsWords]).toEqual(['mark-2', null])
  marking.draw('point')
  marking.crosshair = { x: 5, y: 5 }
  marking.setPoint({ x: 5, y: 5 }, placed)
  expect(marking.wantsWords).toBe('mark-3')
  marking.choose(null)
  expect(marking.wantsWords).toBeNull()
})

test('[MARK-13] a chosen mark is seen, whether its author is hidden or not', () => {
  marked.bring(foreign({}))
  const hiding = new Marking(ground, () => marked, who)
  hiding.hide('other', true)
  expect(hiding.here).toEqual([])
  hiding.choose('theirs')
  expect(hiding.here.map(({ id }) => id)).toEqual(['theirs'])
  hiding.areShown = false
  expect(hiding.here).toHaveLength(1)
  hiding.choose(null)
  expect(hiding.here).toEqual([])
})
