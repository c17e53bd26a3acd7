import { expect, test } from 'vitest'
import type { Carried } from '../../src/viewer/carried'
import { linked, linkedMark, linkTo, linkToMark } from '../../src/viewer/linking'

const carried: Carried = {
  media: 'abcdefghijklmnop',
  frame: 12,
  view: { centre: { x: 201.5, y: 99.25 }, extent: { width: 150, height: 90 }, turn: 90, isMirrored: true },
  window: { centre: -600, width: 1500 },
  isInverted: true,
  seconds: null,
  isPlaying: false,
  pointer: null,
}

test('[VIEW-10] a link says exactly what is seen, behind the # alone', () => {
  const address = new URL(linkTo('q'.repeat(16), carried), 'https://consilium.example.org')
  expect(address.pathname + address.search).toBe(`/cases/${'q'.repeat(16)}`)
  expect(linked(address.hash)).toEqual(carried)
})

test('[VIEW-10] what is no such link asks for nothing', () => {
  for (const hash of ['', '#plan', '#view=', '#view=%', '#view=[]', '#view=%5B2%2C%22x%22%5D', '#view={"a":1}', `#view=${'['.repeat(5000)}`]) {
    expect(linked(hash)).toBeNull()
  }
})

test('[ANN-13] a link leads to a mark, behind the # alone; anything else leads to none', () => {
  const address = new URL(linkToMark(`/cases/${'q'.repeat(16)}`, 'mark/é#1'), 'https://consilium.example.org')
  expect(address.pathname + address.search).toBe(`/cases/${'q'.repeat(16)}`)
  expect(linkedMark(address.hash)).toBe('mark/é#1')
  expect(linked(address.hash)).toBeNull()
  for (const hash of ['', '#mark', '#mark=', '#mark=%', `#mark=${'x'.repeat(201)}`, '#view=1']) expect(linkedMark(hash)).toBeNull()
})
