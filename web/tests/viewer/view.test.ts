import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pack, unpack } from '../../src/viewer/carried'
import { inverse, mapped, type Point, type Size } from '../../src/viewer/geometry'
import { fitting, mirrored, type Picture, panned, placing, scaled, scaleOf, turned, upended, type View, whole, zoomed } from '../../src/viewer/view'

const sizes = fc.record({ width: fc.integer({ min: 40, max: 3000 }), height: fc.integer({ min: 40, max: 2000 }) })
const pictures = fc.record({ width: fc.integer({ min: 1, max: 20_000 }), height: fc.integer({ min: 1, max: 20_000 }), aspect: fc.double({ min: 0.5, max: 2, noNaN: true }) })
const share = fc.double({ min: 0, max: 1, noNaN: true })
const places = fc.record({ x: share, y: share })

const within = (size: Size, { x, y }: Point): Point => ({ x: size.width * x, y: size.height * y })

type Step = (view: View, picture: Picture, window: Size) => View
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(fc.double({ min: 0.2, max: 5, noNaN: true }), places).map(([factor, at]): Step => (v, p, w) => zoomed(v, p, w, factor, within(w, at))),
  fc.tuple(places, places).map(([from, to]): Step => (v, p, w) => panned(v, p, w, within(w, from), within(w, to))),
  fc.constantFrom(90, -90, 180, 15, -37).map((degrees): Step => (v) => turned(v, degrees)),
  fc.constant<Step>((v) => mirrored(v)),
  fc.constant<Step>((v) => upended(v)),
  fc.constant<Step>((v, p) => fitting(p, v)),
  fc.constantFrom(1, 2, 0.5).map((scale): Step => (v, p, w) => scaled(v, p, w, scale)),
)

const near = (one: Point, other: Point, within: number): boolean => Math.hypot(one.x - other.x, one.y - other.y) <= within

test('[VIEW-1] after whatever was done, what the presenter has in the middle a follower has there too, within a pixel, and sees all that the presenter sees', () => {
  let turnedOnes = 0
  fc.assert(
    fc.property(pictures, sizes, sizes, fc.array(steps, { maxLength: 20 }), (picture, window, theirs, done) => {
      const view = done.reduce((held, step) => step(held, picture, window), whole(picture))
      const carried = unpack(JSON.parse(JSON.stringify(pack({ media: 'm', frame: 0, view, window: null, isInverted: false, seconds: null, isPlaying: false, pointer: null }))))
      expect(carried).not.toBeNull()
      if (carried === null) return
      if (carried.view.turn % 90 !== 0) turnedOnes += 1
      const [here, there] = [placing(view, picture, window), placing(carried.view, picture, theirs)]
      const middle = (w: Size): Point => within(w, { x: 0.5, y: 0.5 })
      expect(near(mapped(inverse(here), middle(window)), mapped(inverse(there), middle(theirs)), 1)).toBe(true)
      const half = { x: (view.extent.width / 2) * scaleOf(view, window), y: (view.extent.height / 2) * scaleOf(view, window) }
      for (const [x, y] of [[-1, -1], [1, -1], [-1, 1], [1, 1]] as const) {
        const corner = { x: window.width / 2 + x * half.x, y: window.height / 2 + y * half.y }
        const seen = mapped(there, mapped(inverse(here), corner))
        expect(seen.x).toBeGreaterThan(-1)
        expect(seen.x).toBeLessThan(theirs.width + 1)
        expect(seen.y).toBeGreaterThan(-1)
        expect(seen.y).toBeLessThan(theirs.height + 1)
      }
    }),
    { numRuns: 500 },
  )
  expect(turnedOnes).toBeGreaterThan(20)
})

test('[VIEW-2] what is under the pointer stays under it while one zooms, and goes with it while one pans', () => {
  const picture: Picture = { width: 512, height: 512, aspect: 1 }
  const window: Size = { width: 900, height: 600 }
  fc.assert(
    fc.property(places, places, fc.double({ min: 1, max: 8, noNaN: true }), fc.constantFrom(0, 30, 90, 180), fc.boolean(), (at, to, factor, turn, isMirrored) => {
      const view = { ...fitting(picture, { ...whole(picture), turn }), isMirrored }
      // Inside the middle part of the picture, so that no bound of the picture moves it.
      const place = within(window, { x: 0.45 + at.x * 0.1, y: 0.45 + at.y * 0.1 })
      const before = mapped(inverse(placing(view, picture, window)), place)
      const closer = zoomed(view, picture, window, factor, place)
      expect(near(mapped(inverse(placing(closer, picture, window)), place), before, 1e-6)).toBe(true)
      const moved = within(window, { x: 0.45 + to.x * 0.1, y: 0.45 + to.y * 0.1 })
      expect(near(mapped(inverse(placing(panned(view, picture, window, place, moved), picture, window)), moved), before, 1e-6)).toBe(true)
    }),
  )
})

test('[VIEW-2] four quarters of a turn, two mirrors and two upside-downs are nothing, to the last bit', () => {
  const view = whole({ width: 300, height: 200, aspect: 1 })
  expect([0, 1, 2, 3].reduce((held) => turned(held, 90), view)).toEqual(view)
  expect(mirrored(mirrored(view))).toEqual(view)
  expect(upended(upended(view))).toEqual(view)
})

test('[VIEW-2] a mirrored picture is turned the way that is pressed', () => {
  const picture: Picture = { width: 100, height: 100, aspect: 1 }
  const window: Size = { width: 100, height: 100 }
  for (const start of [whole(picture), mirrored(whole(picture))]) {
    const top = mapped(inverse(placing(start, picture, window)), { x: 50, y: 1 })
    expect(near(mapped(placing(turned(start, 90), picture, window), top), { x: 99, y: 50 }, 1e-6)).toBe(true)
  }
})

test('[VIEW-2] pixels that are higher than wide are shown so, and all of it fits', () => {
  const picture: Picture = { width: 100, height: 50, aspect: 2 }
  const placed = placing(whole(picture), picture, { width: 400, height: 200 })
  expect(mapped(placed, { x: 0, y: 0 })).toEqual({ x: 100, y: 0 })
  expect(mapped(placed, { x: 100, y: 50 })).toEqual({ x: 300, y: 200 })
})

test('[VIEW-2] nobody gets lost: some of the picture is always in the middle, no pixel larger than the window, no picture a dot', () => {
  fc.assert(
    fc.property(pictures, sizes, fc.array(steps, { maxLength: 30 }), (picture, window, done) => {
      const view = done.reduce((held, step) => step(held, picture, window), whole(picture))
      expect(view.centre.x).toBeGreaterThanOrEqual(0)
      expect(view.centre.x).toBeLessThanOrEqual(picture.width)
      expect(view.centre.y).toBeGreaterThanOrEqual(0)
      expect(view.centre.y).toBeLessThanOrEqual(picture.height)
      expect(scaleOf(view, window)).toBeGreaterThan(0)
      expect([view.extent.width, view.extent.height, view.turn].every(Number.isFinite)).toBe(true)
    }),
  )
})

test('[VIEW-1] a view in its largest form takes less than 300 bytes, and what is no view is none', () => {
  const view: View = { centre: { x: 123_456.789, y: 123_456.789 }, extent: { width: 123_456.789, height: 123_456.789 }, turn: 359.99, isMirrored: true }
  const most = pack({ media: 'm'.repeat(26), frame: 99_999, view, window: { centre: -12_345.678, width: 65_535.123 }, isInverted: true, seconds: 86_399.999, isPlaying: true, pointer: { x: 123_456.789, y: -123_456.789 } })
  expect(new TextEncoder().encode(JSON.stringify(most)).length).toBeLessThan(200)
  fc.assert(fc.property(fc.anything(), (other) => (unpack(other), true)))
  const good: readonly unknown[] = most
  for (const at of good.keys()) {
    for (const bad of [NaN, 'x', {}, -1e300, []]) {
      const found = unpack(good.with(at, bad))
      if (found !== null) expect([found.view.centre.x, found.view.extent.width, found.view.turn, found.frame].every(Number.isFinite)).toBe(true)
    }
  }
  expect(unpack([2, ...good.slice(1)])).toBeNull()
})
