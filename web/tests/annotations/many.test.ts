import { expect, it } from 'vitest'
import * as Y from 'yjs'
import { ANNOTATIONS, read, stored } from '../../src/annotations/stored'
import { drawn, group } from './pair'

const MANY = 10_000

it('among ten thousand marks a change reads one again, and leaves every other as it is [ANN-11]', { timeout: 60_000 }, () => {
  let reads = 0
  const both = group(2, (base) => ({
    ...base,
    read: (...given) => {
      reads += 1
      return read(...given)
    },
  }))
  both.cut(1)
  const [ada, bo] = [both.at(0), both.at(1)]
  const elsewhere = ada.marked.add(drawn({ media: 'media2' }))
  both.mend(1)
  reads = 0
  const origin = new Y.Doc()
  origin.transact(() => {
    for (let at = 0; at < MANY; at++) origin.getMap(ANNOTATIONS).set(`m${at}`, stored(`m${at}`, drawn(), ada.me, new Date(0)))
  })
  Y.applyUpdate(ada.doc, Y.encodeStateAsUpdate(origin))
  expect(ada.marked.of('media1')).toHaveLength(MANY)
  expect(reads).toBe(2 * MANY) // by each of the two, once
  const other = ada.marked.of('media2')

  const counted = (work: () => unknown): number => {
    reads = 0
    work()
    return reads / 2
  }
  expect(counted(() => ada.marked.moveHandle('m5000', 0, { x: 1, y: 1 }))).toBe(1)
  expect(counted(() => ada.marked.moveAll('m5000', { x: 1, y: 1 }))).toBe(1)
  expect(counted(() => bo.marked.reply('m17', 'Here too.'))).toBe(1)
  expect(counted(() => ada.marked.undo())).toBe(1)
  expect(counted(() => ada.marked.add(drawn()))).toBe(2) // put in, and brought out

  const before = bo.marked.of('media1')
  ada.marked.describe('m9', { label: 'Cyst' })
  const after = bo.marked.of('media1')
  expect(after.filter((mark, at) => mark !== before[at]).map(({ id }) => id)).toEqual(['m9'])
  expect(ada.marked.of('media2')).toBe(other)
  expect(counted(() => ada.marked.resolve(elsewhere, true))).toBe(1)
  expect(bo.marked.of('media1')).toBe(after)
})
