import fc from 'fast-check'
import { expect, test } from 'vitest'
import { greys, type Showing, type Values, type WindowFunction } from '../../src/viewer/values'

const plain: Values = {
  slope: 1,
  intercept: -1024,
  modalityTable: null,
  unit: 'HU',
  windows: [],
  windowFunction: 'LINEAR',
  tables: [],
  isInverted: false,
  padding: null,
}
const soft: Showing = { window: { centre: 40, width: 400, name: '' }, table: null, isInverted: false }

test('[VIEW-3] a window shows what the standard says: its examples at the edges, to the last grey', () => {
  // PS3.3 §C.11.2.1.2.1, note 2: c = 2048, w = 4096 maps 0 to 0 and 4095 to 255; c = 2048, w = 1 is a threshold.
  const stored: Values = { ...plain, intercept: 0 }
  const shown = (centre: number, width: number) => greys(stored, { ...soft, window: { centre, width, name: '' } }, 0, 4095)
  expect([shown(2048, 4096)[0], shown(2048, 4096)[4095], shown(2048, 4096)[2048]]).toEqual([0, 255, 128])
  expect([shown(2048, 1)[2047], shown(2048, 1)[2048]]).toEqual([0, 255])
  expect([shown(0, 100)[0], shown(0, 100)[49], shown(0, 100)[50]]).toEqual([129, 255, 255])
})

test('[VIEW-3] a window narrower than 1 tells fractions apart: a dose in Gy', () => {
  const dose: Values = { ...plain, slope: 0.001, intercept: 0, unit: 'Gy' }
  const shown = greys(dose, { ...soft, window: { centre: 0.05, width: 0.1, name: '' } }, 0, 100)
  expect([shown[0], shown[50], shown[100]]).toEqual([0, 128, 255])
})

test('[VIEW-3] rescaling comes first, then the window, then the sense of the scale; padding is black either way', () => {
  const values: Values = { ...plain, slope: 2, padding: 0 }
  const shown = greys(values, soft, 0, 2000)
  const inverted = greys({ ...values, isInverted: true }, soft, 0, 2000)
  const twice = greys({ ...values, isInverted: true }, { ...soft, isInverted: true }, 0, 2000)
  expect(shown[532]).toBe(128) // 40 HU
  expect(inverted[532]).toBe(127)
  expect(twice).toEqual(shown)
  expect([shown[0], inverted[0]]).toEqual([0, 0])
})

test('[VIEW-3] all from the padding value to its limit is black, whichever of the two is larger, and nothing else', () => {
  for (const [padding, paddingLimit] of [[100, 200], [200, 100], [150, null]] as const) {
    const shown = greys({ ...plain, intercept: 0, padding, paddingLimit }, soft, 0, 300)
    const black = [...shown].flatMap((grey, stored) => (grey === 0 ? [stored] : []))
    expect(black).toEqual(paddingLimit === null ? [150] : Array.from({ length: 101 }, (_, at) => at + 100))
  }
})

test('[VIEW-3] tables: the modality instead of slope, the grey instead of a window', () => {
  const values: Values = {
    ...plain,
    modalityTable: { first: 10, entries: [0, 100, 200] },
    tables: [{ first: 0, entries: [...Array(201).keys()] }],
  }
  const shown = greys(values, { window: null, table: 0, isInverted: false }, 8, 14)
  expect([...shown]).toEqual([0, 0, 0, 128, 255, 255, 255])
})

test('[VIEW-3] whatever the window, more is never darker', () => {
  const by = fc.constantFrom<WindowFunction>('LINEAR', 'LINEAR_EXACT', 'SIGMOID')
  fc.assert(
    fc.property(by, fc.integer({ min: -2000, max: 4000 }), fc.integer({ min: 1, max: 9000 }), fc.boolean(), (windowFunction, centre, width, isInverted) => {
      const shown = greys({ ...plain, windowFunction }, { window: { centre, width, name: '' }, table: null, isInverted }, -500, 3000)
      for (let at = 1; at < shown.length; at += 1) {
        const [one = 0, other = 0] = [shown[at - 1], shown[at]]
        expect(isInverted ? one >= other : other >= one).toBe(true)
      }
    }),
    { numRuns: 20 },
  )
})
