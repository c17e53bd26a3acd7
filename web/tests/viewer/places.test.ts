import { expect, test } from 'vitest'
import { aspectOf, scaleAt } from '../../src/viewer/measuring'
import { lettersOf } from '../../src/viewer/orientation'
import { mirrored, turned, whole } from '../../src/viewer/view'

const upright = whole({ width: 100, height: 100, aspect: 1 })
const axial = { position: [0, 0, 0], orientation: [1, 0, 0, 0, 1, 0], thickness: null, location: null }

test('[VIEW-4] letters at the edges follow the body, however the picture is turned or mirrored', () => {
  expect(lettersOf(upright, axial, [])).toEqual({ left: 'R', right: 'L', top: 'A', bottom: 'P' })
  expect(lettersOf(mirrored(upright), axial, [])).toEqual({ left: 'L', right: 'R', top: 'A', bottom: 'P' })
  expect(lettersOf(turned(upright, 90), axial, [])).toEqual({ left: 'P', right: 'A', top: 'R', bottom: 'L' })
  expect(lettersOf(turned(mirrored(upright), 90), axial, [])).toEqual({ left: 'P', right: 'A', top: 'L', bottom: 'R' })
  const sagittal = { ...axial, orientation: [0, 1, 0, 0, 0, -1] }
  expect(lettersOf(upright, sagittal, [])).toEqual({ left: 'A', right: 'P', top: 'H', bottom: 'F' })
})

test('[VIEW-4] oblique slices have two letters, the stronger first; a few degrees have none', () => {
  const turn = (degrees: number) => [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180), 0]
  const oblique = { ...axial, orientation: [...turn(30), -Math.sin(Math.PI / 6), Math.cos(Math.PI / 6), 0] }
  expect(lettersOf(upright, oblique, [])).toEqual({ left: 'RA', right: 'LP', top: 'AL', bottom: 'PR' })
  const slight = { ...axial, orientation: [...turn(5), -Math.sin(Math.PI / 36), Math.cos(Math.PI / 36), 0] }
  expect(lettersOf(upright, slight, []).right).toBe('L')
})

test('[VIEW-4] without a place in the body the words of the file hold; without those there is no letter', () => {
  expect(lettersOf(upright, null, ['L', 'F'])).toEqual({ left: 'R', right: 'L', top: 'H', bottom: 'F' })
  expect(lettersOf(upright, null, ['L', null])).toEqual({ left: '', right: '', top: '', bottom: '' })
  expect(lettersOf(upright, null, [])).toEqual({ left: '', right: '', top: '', bottom: '' })
})

const spaced = { spacing: { row: 0.5, column: 0.25, from: 'pixel-spacing' as const }, regions: [] }

test('[VIEW-5] each direction has its own spacing, told with where it is from', () => {
  expect(scaleAt(spaced, [])).toEqual({ unit: 'mm', across: 0.25, down: 0.5, from: 'pixel-spacing' })
  expect(aspectOf(spaced)).toBe(2)
})

test('[VIEW-5] never a millimetre without a calibration: pixels elsewhere, and outside the region of an ultrasound', () => {
  expect(scaleAt({ spacing: null, regions: [] }, [])).toEqual({ unit: 'px', across: 1, down: 1, from: null })
  const region = { left: 100, top: 50, right: 499, bottom: 399, row: 0.1, column: 0.1 }
  const doppler = { left: 100, top: 420, right: 499, bottom: 599, row: null, column: null }
  const ultrasound = { spacing: { row: 0.1, column: 0.1, from: 'ultrasound-region' as const }, regions: [region, doppler] }
  expect(scaleAt(ultrasound, [{ x: 120, y: 60 }, { x: 490, y: 390 }]).unit).toBe('mm')
  expect(scaleAt(ultrasound, [{ x: 120, y: 60 }, { x: 120, y: 500 }]).unit).toBe('px')
  expect(scaleAt(ultrasound, [{ x: 120, y: 430 }, { x: 140, y: 500 }]).unit).toBe('px')
})
