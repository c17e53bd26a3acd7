import fc from 'fast-check'
import { expect, test } from 'vitest'
import { inverse, mapped, type Point, type Size } from '../../src/viewer/geometry'
import { areAlike, followed, kinshipOf, type Lying, nearest, type Placed, turnedRound } from '../../src/viewer/pairing'
import { mirrored, panned, placing, scaleOf, turned, type View, whole, zoomed } from '../../src/viewer/view'

const sizes = fc.record({ width: fc.integer({ min: 400, max: 2000 }), height: fc.integer({ min: 400, max: 1500 }) })
const pictures = fc.record({ width: fc.integer({ min: 500, max: 1000 }), height: fc.integer({ min: 500, max: 1000 }), aspect: fc.double({ min: 0.8, max: 1.25, noNaN: true }) })
const share = fc.double({ min: 0.4, max: 0.6, noNaN: true })

/** About the middle, so that no bound of a picture is met. */
const placed: fc.Arbitrary<Placed> = fc
  .tuple(pictures, sizes, share, share, fc.double({ min: 0.7, max: 1.4, noNaN: true }), fc.integer({ min: 0, max: 359 }), fc.boolean(), fc.double({ min: 0.1, max: 2, noNaN: true }))
  .map(([picture, window, x, y, factor, turn, isMirrored, unit]) => {
    const at = { x: window.width / 2, y: window.height / 2 }
    const near = zoomed({ ...whole(picture), turn, isMirrored }, picture, window, factor, at)
    return { picture, window, unit, view: { ...near, centre: { x: picture.width * x, y: picture.height * y } } }
  })

const middle = ({ width, height }: Size): Point => ({ x: width / 2, y: height / 2 })

function sameView(one: View, other: View, { picture, window }: Placed): void {
  expect(scaleOf(one, window) / scaleOf(other, window)).toBeCloseTo(1, 6)
  expect(Math.abs(one.centre.x - other.centre.x) / picture.width).toBeLessThan(1e-6)
  expect(Math.abs(one.centre.y - other.centre.y) / picture.height).toBeLessThan(1e-6)
  expect(Math.abs(((one.turn - other.turn + 540) % 360) - 180)).toBeLessThan(1e-4)
  expect(one.isMirrored).toBe(other.isMirrored)
}

test('[VIEW-13] as long as nothing is done to either, neither moves, whichever leads', () => {
  let mirroredOnes = 0
  fc.assert(
    fc.property(placed, placed, (one, other) => {
      if (one.view.isMirrored !== other.view.isMirrored) mirroredOnes += 1
      const kinship = kinshipOf(one, other)
      sameView(followed(one, kinship, other), other.view, other)
      sameView(followed(other, turnedRound(kinship), one), one.view, one)
    }),
    { numRuns: 300 },
  )
  expect(mirroredOnes).toBeGreaterThan(50)
})

test('[VIEW-13] what moves one on the screen moves the other the same way and as far; turning, mirroring and zooming do as much', () => {
  fc.assert(
    fc.property(placed, placed, fc.integer({ min: -20, max: 20 }), fc.integer({ min: -20, max: 20 }), (one, other, right, down) => {
      const kinship = kinshipOf(one, other)
      const from = middle(one.window)
      const moved = followed({ ...one, view: panned(one.view, one.picture, one.window, from, { x: from.x + right, y: from.y + down }) }, kinship, other)
      const held = mapped(inverse(placing(other.view, other.picture, other.window)), middle(other.window))
      const now = mapped(placing(moved, other.picture, other.window), held)
      // In proportion to how large each window shows it.
      expect(now.x - other.window.width / 2).toBeCloseTo(right, 3)
      expect(now.y - other.window.height / 2).toBeCloseTo(down, 3)
      const turnedBoth = followed({ ...one, view: turned(one.view, 90) }, kinship, other)
      sameView(turnedBoth, { ...turned(other.view, 90), centre: turnedBoth.centre }, other)
      const mirroredBoth = followed({ ...one, view: mirrored(one.view) }, kinship, other)
      sameView(mirroredBoth, { ...mirrored(other.view), centre: mirroredBoth.centre }, other)
      const closer = followed({ ...one, view: zoomed(one.view, one.picture, one.window, 1.3, from) }, kinship, other)
      expect(scaleOf(closer, other.window) / scaleOf(other.view, other.window)).toBeCloseTo(1.3, 6)
    }),
    { numRuns: 300 },
  )
})

test('[VIEW-13] a millimetre is a millimetre: two pictures of one body that are linked whole keep the same place in the middle', () => {
  // The same 200 mm, once in 512 pixels and once in 256.
  const fine = { width: 512, height: 512, aspect: 1 }
  const coarse = { width: 256, height: 256, aspect: 1 }
  const window = { width: 600, height: 500 }
  const [one, other] = [
    { picture: fine, view: whole(fine), window, unit: 200 / 512 },
    { picture: coarse, view: whole(coarse), window, unit: 200 / 256 },
  ]
  const view = { ...whole(fine), centre: { x: 100, y: 300 }, extent: { width: 50, height: 50 } }
  const seen = followed({ ...one, view }, kinshipOf(one, other), other)
  expect(seen.centre).toEqual({ x: 50, y: 150 })
  expect(scaleOf(seen, window)).toBeCloseTo(2 * scaleOf(view, window), 9)
  expect([seen.turn, seen.isMirrored]).toEqual([0, false])
})

const lying = (z: number, more: Partial<Lying> = {}): Lying => ({ frameOfReference: '1.2', position: [0, 0, z], normal: [0, 0, 1], ...more })

test('[VIEW-13] the nearest slice of the same body is found, whichever way it is stacked; others are not compared', () => {
  const stack = [0, 5, 10, 15].map((z) => lying(z))
  expect(nearest(lying(11), stack)).toBe(2)
  expect(nearest(lying(-100), stack)).toBe(0)
  expect(nearest(lying(11), [...stack].reverse().map((each) => ({ ...each, normal: [0, 0, -1] })))).toBe(1)
  expect(nearest(lying(11, { normal: [0, 1, 0] }), stack)).toBeNull()
  expect(nearest(lying(11, { frameOfReference: '1.3' }), stack)).toBeNull()
  expect(nearest(lying(11), [null, lying(30), null])).toBe(1)
  expect(areAlike(lying(0), null)).toBe(false)
})
