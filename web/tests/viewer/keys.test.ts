/** What every picture is looked at with. */
import { expect, test } from 'vitest'
import { photoStepOfKey, VIEW_ACTS } from '../../src/viewer/keys'
import { scaleOf, whole } from '../../src/viewer/view'

const picture = { width: 300, height: 200, aspect: 1 }
const window = { width: 900, height: 700 }

test('[VIEW-22] a control does what its key does, and no key without a control is told', () => {
  const view = whole(picture)
  for (const { key, step } of VIEW_ACTS) {
    const byKey = photoStepOfKey(key, false, true)
    expect(byKey?.(view, picture, window)).toEqual(step(view, picture, window))
    expect(photoStepOfKey(key, false, false)).toBeNull()
  }
  expect(new Set(VIEW_ACTS.map(({ key }) => key)).size).toBe(VIEW_ACTS.length)
})

test('[VIEW-22] 1:1 is one pixel for each, and paper in its own size', () => {
  const oneToOne = VIEW_ACTS.find(({ name }) => name === 'oneToOne')
  const paper = { ...picture, lifeSize: 96 / 25.4 }
  expect(oneToOne && scaleOf(oneToOne.step(whole(picture), picture, window), window)).toBeCloseTo(1, 9)
  expect(oneToOne && scaleOf(oneToOne.step(whole(paper), paper, window), window)).toBeCloseTo(96 / 25.4, 9)
})
