import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { BOOKMARKS, change, keep, listed, LONGEST_TITLE } from '../../src/following/bookmarks.svelte'
import type { Judge } from '../../src/annotations/stored'
import { type Carried, pack } from '../../src/viewer/carried'

const VIEW: Carried = {
  media: 'm',
  frame: 3,
  view: { centre: { x: 1, y: 2 }, extent: { width: 3, height: 4 }, turn: 90, isMirrored: true },
  window: { centre: 40, width: 400 },
  isInverted: true,
  seconds: 2.5,
  isPlaying: true,
  pointer: { x: 5, y: 6 },
}
const ADA = { id: 'ada', name: 'Ada' }

const believed: Judge = (_client, _clock, claimed) => claimed

const rootOf = (doc: Y.Doc): Y.Map<unknown> => doc.getMap(BOOKMARKS)

function tellEachOther(one: Y.Doc, other: Y.Doc): void {
  const [ours, theirs] = [Y.encodeStateAsUpdate(one), Y.encodeStateAsUpdate(other)]
  Y.applyUpdate(one, theirs)
  Y.applyUpdate(other, ours)
}

test('[FOL-11] a view is kept as it was, without the hand and standing still, and found by everybody', () => {
  const [one, other] = [new Y.Doc(), new Y.Doc()]
  keep(rootOf(one), VIEW, 'x'.repeat(LONGEST_TITLE + 50), ADA, 2_000, 'b')
  keep(rootOf(one), VIEW, 'The first', ADA, 1_000, 'a')
  tellEachOther(one, other)
  expect(listed(rootOf(other), believed)).toEqual(listed(rootOf(one), believed))
  const [first, second] = listed(rootOf(other), believed)
  expect(first).toEqual({ id: 'a', title: 'The first', by: ADA, at: 1_000, isRemoved: false, view: { ...VIEW, pointer: null, isPlaying: false } })
  expect(second?.title).toHaveLength(LONGEST_TITLE)
})

test('[FOL-11] renamed by one and removed by another at once, both are done; it comes back with its new title', () => {
  const [one, other] = [new Y.Doc(), new Y.Doc()]
  keep(rootOf(one), VIEW, 'Old', ADA, 1, 'a')
  tellEachOther(one, other)
  change(rootOf(one), 'a', 'title', 'New')
  change(rootOf(other), 'a', 'removed', true)
  tellEachOther(one, other)
  for (const doc of [one, other]) expect(listed(rootOf(doc), believed)).toMatchObject([{ title: 'New', isRemoved: true }])
  change(rootOf(one), 'a', 'removed', false)
  change(rootOf(one), 'nowhere', 'title', 'Never')
  expect(listed(rootOf(one), believed)).toMatchObject([{ id: 'a', title: 'New', isRemoved: false }])
})

test('[FOL-11] what is no bookmark is none, whoever wrote it', () => {
  const root = rootOf(new Y.Doc())
  const good = { title: 'Good', view: [...pack(VIEW)], by: ADA, at: 1 }
  const bad: readonly unknown[] = [1, 'x', null, [1], good, ...[{ title: 7 }, { view: [1] }, { view: 'x' }, { at: 'x' }, { at: Infinity }].map((each) => new Y.Map(Object.entries({ ...good, ...each })))]
  for (const [at, value] of bad.entries()) root.set(`bad${at}`, value)
  root.set('good', new Y.Map(Object.entries({ ...good, by: 'nobody' })))
  expect(listed(root, believed)).toMatchObject([{ id: 'good', title: 'Good', by: { id: '', name: '' } }])
})

test('[FOL-11] [ANN-8] a bookmark is by who brought it, whoever renames it and whatever it says', () => {
  const [one, other] = [new Y.Doc(), new Y.Doc()]
  keep(rootOf(one), VIEW, 'Forged', { id: 'boss', name: 'The boss' }, 1, 'a')
  tellEachOther(one, other)
  change(rootOf(other), 'a', 'title', 'Renamed')
  tellEachOther(one, other)
  const journal = new Map([[one.clientID, 'ben'], [other.clientID, 'ada']])
  const judge: Judge = (client, _clock, claimed) => ({ ...claimed, id: journal.get(client) ?? '', name: '' })
  expect(listed(rootOf(other), judge)).toMatchObject([{ title: 'Renamed', by: { id: 'ben', name: '' } }])
})
