import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Carried, pack, unpack } from '../../src/viewer/carried'
import { inverse, mapped, type Point, type Size } from '../../src/viewer/geometry'
import { Looking } from '../../src/viewer/looking.svelte'
import { PhotoLooking } from '../../src/viewer/photo.svelte'
import type { Step } from '../../src/viewer/series'
import { fitting, mirrored, panned, type Picture, placing, scaled, turned, upended, type View, zoomed } from '../../src/viewer/view'

/** Of a window, in the pixels of its screen: whatever their density. */
const windows = fc
  .record({ width: fc.integer({ min: 120, max: 2600 }), height: fc.integer({ min: 120, max: 1600 }), ratio: fc.constantFrom(1, 1.25, 1.5, 2, 3) })
  .map(({ width, height, ratio }): Size => ({ width: width * ratio, height: height * ratio }))
const share = fc.double({ min: 0, max: 1, noNaN: true })
const places = fc.record({ x: share, y: share })

const within = (size: Size, { x, y }: Point): Point => ({ x: size.width * x, y: size.height * y })

type Deed =
  | { readonly does: 'scroll'; readonly by: number }
  | { readonly does: 'window'; readonly by: Size }
  | { readonly does: 'zoom'; readonly factor: number; readonly at: Point }
  | { readonly does: 'pan'; readonly from: Point; readonly to: Point }
  | { readonly does: 'turn'; readonly degrees: number }
  | { readonly does: 'mirror' | 'upend' | 'fit' | 'reset' | 'invert' }
  | { readonly does: 'scale'; readonly scale: number }
  | { readonly does: 'point'; readonly at: Point }

const deeds: fc.Arbitrary<Deed> = fc.oneof(
  fc.integer({ min: -9, max: 9 }).map((by): Deed => ({ does: 'scroll', by })),
  fc.tuple(fc.integer({ min: -90, max: 90 }), fc.integer({ min: -90, max: 90 })).map(([width, height]): Deed => ({ does: 'window', by: { width, height } })),
  fc.tuple(fc.double({ min: 0.2, max: 5, noNaN: true }), places).map(([factor, at]): Deed => ({ does: 'zoom', factor, at })),
  fc.tuple(places, places).map(([from, to]): Deed => ({ does: 'pan', from, to })),
  fc.constantFrom(90, -90, 180, 15).map((degrees): Deed => ({ does: 'turn', degrees })),
  fc.constantFrom('mirror' as const, 'upend' as const, 'fit' as const, 'reset' as const, 'invert' as const).map((does): Deed => ({ does })),
  fc.constantFrom(1, 2, 0.5).map((scale): Deed => ({ does: 'scale', scale })),
  places.map((at): Deed => ({ does: 'point', at })),
)

function moved(view: View, picture: Picture, window: Size, deed: Deed): View {
  switch (deed.does) {
    case 'zoom':
      return zoomed(view, picture, window, deed.factor, within(window, deed.at))
    case 'pan':
      return panned(view, picture, window, within(window, deed.from), within(window, deed.to))
    case 'turn':
      return turned(view, deed.degrees)
    case 'mirror':
      return mirrored(view)
    case 'upend':
      return upended(view)
    case 'fit':
      return fitting(picture, view)
    case 'scale':
      return scaled(view, picture, window, deed.scale)
    default:
      return view
  }
}

function act(looking: Looking, window: Size, deed: Deed): void {
  if (deed.does === 'scroll') looking.go(looking.at + deed.by)
  else if (deed.does === 'window') looking.drag(deed.by, null)
  else if (deed.does === 'reset') looking.reset()
  else if (deed.does === 'invert') looking.isInverted = !looking.isInverted
  else if (deed.does === 'point') looking.pointer = mapped(inverse(placing(looking.view, looking.picture, window)), within(window, deed.at))
  else looking.view = moved(looking.view, looking.picture, window, deed)
}

/** As it travels. */
function sent(carried: Carried): Carried {
  const read = unpack(JSON.parse(JSON.stringify(pack(carried))))
  if (read === null) throw new Error('it did not arrive')
  return read
}

const near = (one: Point, other: Point): boolean => Math.hypot(one.x - other.x, one.y - other.y) <= 1

/** What stands in the middle of a window, in the picture. */
const middle = (view: View, picture: Picture, window: Size): Point => mapped(inverse(placing(view, picture, window)), within(window, { x: 0.5, y: 0.5 }))

function steps(count: number, width: number, height: number): readonly Step[] {
  const file = {
    id: 'f',
    path: 'f',
    paths: new Map<string, string>(),
    frames: count,
    shown: {
      is: 'dicom' as const,
      picture: {
        pixels: { width, height, coding: 'gzip' as const, samples: 1 as const, bits: 12, type: 'unsigned' as const, places: Array(count).fill({ offset: 0, length: 1 }), lowest: 0, highest: 4095, coarse: null },
        values: null,
        spacing: null,
        slice: null,
        frames: [],
        regions: [],
        frameMillis: null,
        modality: 'CT',
        laterality: '',
        view: '',
        directions: [],
      },
    },
  }
  return Array.from({ length: count }, (_, frame) => ({ file, frame }))
}

test('[FOL-5] after whatever a presenter did, each follower looks at the same frame, window and place, within a pixel of the picture', () => {
  let [scrolled, windowed, pointed] = [0, 0, 0]
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.record({ width: fc.integer({ min: 16, max: 4000 }), height: fc.integer({ min: 16, max: 4000 }) }),
      windows,
      fc.array(windows, { minLength: 2, maxLength: 3 }),
      fc.array(fc.tuple(deeds, fc.boolean()), { maxLength: 25, size: 'max' }),
      (count, { width, height }, window, theirs, done) => {
        const made = steps(count, width, height)
        const presenter = new Looking('m', made)
        const followers = theirs.map((size) => ({ size, looking: new Looking('m', made) }))
        for (const [deed, isToldNow] of done) {
          act(presenter, window, deed)
          // Of what happens between two messages only the newest is told.
          if (isToldNow) for (const { looking } of followers) looking.take(sent(presenter.carried()))
        }
        const last = sent(presenter.carried())
        for (const { size, looking } of followers) {
          looking.take(last)
          expect(looking.at).toBe(presenter.at)
          expect(looking.isInverted).toBe(presenter.isInverted)
          expect(looking.window === null).toBe(presenter.window === null)
          if (looking.window !== null && presenter.window !== null) {
            expect(looking.window.centre).toBeCloseTo(presenter.window.centre, -Math.log10(Math.max(1e-3, Math.abs(presenter.window.centre) * 1e-6)))
            windowed += 1
          }
          expect(near(middle(looking.view, looking.picture, size), middle(presenter.view, presenter.picture, window))).toBe(true)
          expect(looking.view.turn).toBeCloseTo(presenter.view.turn, 4)
          expect(looking.view.isMirrored).toBe(presenter.view.isMirrored)
          expect(looking.view.extent.width).toBeCloseTo(presenter.view.extent.width, 0)
          if (presenter.pointer !== null && last.pointer !== null) {
            expect(near(presenter.pointer, last.pointer)).toBe(true)
            pointed += 1
          }
          if (presenter.at > 0) scrolled += 1
        }
      },
    ),
    { numRuns: 300 },
  )
  for (const seen of [scrolled, windowed, pointed]) expect(seen).toBeGreaterThan(50)
})

test('[FOL-5] the same of a photo, with its brightness', () => {
  fc.assert(
    fc.property(windows, windows, fc.array(deeds, { maxLength: 20 }), fc.integer({ min: 20, max: 300 }), (window, theirs, done, brightness) => {
      const picture = { width: 3000, height: 2000, aspect: 1 }
      const [presenter, follower] = [new PhotoLooking('m', picture, null), new PhotoLooking('m', picture, null)]
      for (const deed of done) presenter.view = moved(presenter.view, picture, window, deed)
      presenter.brightness = brightness
      follower.take(sent(presenter.carried()))
      expect(follower.brightness).toBe(brightness)
      expect(near(middle(follower.view, picture, theirs), middle(presenter.view, picture, window))).toBe(true)
    }),
  )
})
