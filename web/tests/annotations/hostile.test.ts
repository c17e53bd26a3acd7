import * as fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { type Annotation, POINTS } from '../../src/annotations/annotation'
import { FURTHEST, LONGEST, MOST_REPLIES } from '../../src/annotations/stored'
import { drawn, group, type Marker } from './pair'

let ada: Marker
let good: string
let root: Y.Map<unknown>

beforeEach(() => begin())

function begin(): void {
  const both = group(2)
  ada = both.at(0)
  good = both.at(1).marked.add(drawn()) // by another person: nobody here takes it back
  root = both.at(1).doc.getMap('annotations') // what another client writes, with whatever it is made of
}

/** A mark as we write it, with something else in one place. */
function mark(change: (mark: Y.Map<unknown>, parts: { body: Y.Array<unknown>; label: Y.Map<unknown>; target: Y.Map<unknown>; selector: Y.Map<unknown>; shape: Y.Map<unknown> }) => void): void {
  const id = ada.marked.add(drawn())
  const made = part(root, id)
  const target = part(made, 'target')
  const selector = part(target, 'selector')
  const body = made.get('body')
  if (!(body instanceof Y.Array)) throw new Error('no body')
  const label: unknown = body.get(0)
  if (!(label instanceof Y.Map)) throw new Error('no label')
  change(made, { body, label, target, selector, shape: part(selector, 'refinedBy') })
}

function part(map: Y.Map<unknown>, key: string): Y.Map<unknown> {
  const found = map.get(key)
  if (!(found instanceof Y.Map)) throw new Error(`no ${key}`)
  return found
}

function others(): readonly Annotation[] {
  return ada.marked.of('media1').filter(({ id }) => id !== good)
}

function checked(each: Annotation): void {
  const { least, most } = POINTS[each.shape]
  expect(each.points.length).toBeGreaterThanOrEqual(least)
  expect(each.points.length).toBeLessThanOrEqual(most)
  for (const { x, y } of each.points) expect(Math.max(Math.abs(x), Math.abs(y))).toBeLessThanOrEqual(FURTHEST)
  expect(each.label.length).toBeLessThanOrEqual(LONGEST.label)
  expect(each.replies.length).toBeLessThanOrEqual(MOST_REPLIES)
  for (const { at, text, by } of each.replies) {
    expect(Number.isNaN(at.getTime())).toBe(false)
    expect(text.length).toBeLessThanOrEqual(LONGEST.reply)
    expect(by.color).toMatch(/^#[0-9a-f]{6}$/i)
  }
  expect([each.at, each.changed].some((date) => Number.isNaN(date.getTime()))).toBe(false)
  expect(each.by.color).toMatch(/^#[0-9a-f]{6}$/i)
  expect([each.by.name, each.by.role, each.by.id].every((text) => text.length <= LONGEST.name)).toBe(true)
  expect([each.isLocked, each.isRemoved, each.isResolved].every((is) => typeof is === 'boolean')).toBe(true)
}

/** Whatever it is, nothing that one may do with it breaks the page. */
function useAll(): void {
  for (const id of root.keys()) {
    if (id === good) continue
    ada.marked.find(id)
    ada.marked.moveHandle(id, 0, { x: 1, y: 2 })
    ada.marked.moveHandle(id, -1, { x: NaN, y: 2 })
    ada.marked.moveAll(id, { x: 3, y: Infinity })
    ada.marked.describe(id, { label: 'Cyst', code: null })
    ada.marked.reply(id, 'What?')
    ada.marked.resolve(id, true)
    ada.marked.lock(id, true)
    ada.marked.remove(id)
    ada.marked.restore(id)
  }
  for (let step = 0; step < 4; step++) ada.marked.undo()
  for (const each of others()) checked(each)
  expect(ada.marked.find(good)).toMatchObject({ label: 'Nodule', isRemoved: false })
}

describe('what no page of ours wrote', () => {
  it.each([
    ['a number', 7],
    ['a text', 'x'.repeat(100_000)],
    ['nothing', null],
    ['an object', { type: 'Annotation', target: { source: 'media/media1' } }],
    ['bytes', new Uint8Array(1000)],
    ['a list', new Y.Array()],
    ['a text that is shared', new Y.Text('hello')],
    ['an element', new Y.XmlElement('script')],
    ['a document', new Y.Doc()],
    ['an empty map', new Y.Map()],
    ['a map that holds itself, by name', new Y.Map([['target', 'target']])],
  ])('in place of a mark is passed over: %s [ANN-10]', (_, value) => {
    root.set('bad', value)
    expect(others()).toEqual([])
    useAll()
  })

  it.each(['', '__proto__', 'constructor', 'toString', 'x'.repeat(10_000), '\u0000', '../..'])('under any name is one mark among others: %j [ANN-10]', (id) => {
    mark((made) => root.set(id, made.clone()))
    expect(ada.marked.find(id)?.id).toBe(id)
    useAll()
  })

  it('in the root as a list is no mark [ANN-10]', () => {
    const foreign = new Y.Doc()
    foreign.getText('annotations').insert(0, 'words')
    Y.applyUpdate(ada.doc, Y.encodeStateAsUpdate(foreign))
    expect(others()).toEqual([])
    useAll()
  })

  it.each([
    ['too few points', [1, 2]],
    ['too many', Array.from({ length: 10_000 }, () => 1)],
    ['an odd number', [1, 2, 3]],
    ['no numbers', ['1', '2', '3', '4']],
    ['NaN', [NaN, 2, 3, 4]],
    ['infinity', [Infinity, 2, 3, 4]],
    ['far away', [1e300, 2, 3, 4]],
    ['a hole', [null, 2, 3, 4]],
    ['a big integer', [2n ** 60n, 2, 3, 4]],
    ['no list', { length: 4 }],
  ])('draws nothing: points with %s [ANN-10]', (_, points) => {
    mark((_made, { shape }) => shape.set('points', points))
    expect(others()).toEqual([])
    useAll()
  })

  it.each([
    ['handles that are no map', 'handles', 7],
    ['handles that are a list', 'handles', new Y.Array()],
    ['an offset that is no pair', 'offset', [1]],
    ['an offset of NaN', 'offset', [NaN, 1]],
  ])('leaves the points as they were drawn: %s [ANN-10]', (_, key, value) => {
    mark((_made, { shape }) => shape.set(key, value))
    expect(others()[0]?.points).toEqual(drawn().points)
    useAll()
  })

  it('moves no point to where there is none [ANN-10]', () => {
    mark((_made, { shape }) => {
      const handles = part(shape, 'handles')
      for (const key of ['2', '-1', '1e9', 'x', '__proto__']) handles.set(key, [5, 5])
      handles.set('0', [NaN, 5])
      handles.set('1', { x: 5, y: 5 })
    })
    expect(others()[0]?.points).toEqual(drawn().points)
    useAll()
  })

  it('is cut off where it is too long: labels, replies, names [ANN-10]', () => {
    const long = 'x'.repeat(200_000)
    mark((made, { body, label }) => {
      label.set('value', long)
      made.set('creator', { id: `members/${long}`, name: long, role: long, color: 'red; background: url(x)' })
      body.push(Array.from({ length: 3_000 }, (_each, at) => ({ id: `annotations/${at}`, purpose: 'replying', value: at === 0 ? long : 'x' })))
    })
    expect(others()[0]).toMatchObject({ label: 'x'.repeat(LONGEST.label), by: { id: '', name: 'x'.repeat(LONGEST.name), color: '#5b6b78' } })
    expect(others()[0]?.replies).toHaveLength(MOST_REPLIES)
    useAll()
  })

  it.each([
    ['FragmentSelector', { value: 't=npt:99999999999' }],
    ['FragmentSelector', { value: 'xywh=1,2,3,4' }],
    ['FragmentSelector', { value: 7 }],
    ['FrameSelector', { file: 7 }],
    ['FrameSelector', { frame: -1 }],
    ['FrameSelector', { frame: 1.5 }],
    ['FrameSelector', { frame: NaN }],
    ['FrameSelector', { file: 'x'.repeat(10_000) }],
    ['CssSelector', {}],
  ])('is nowhere, and not shown: %s %j [ANN-10]', (type, values) => {
    mark((_made, { selector }) => {
      selector.set('type', type)
      for (const [key, value] of Object.entries(values)) selector.set(key, value)
    })
    expect(others()).toEqual([])
    useAll()
  })

  it('of any form, in any place, breaks nothing [ANN-10]', () => {
    const places = ['id', 'type', 'created', 'modified', 'creator', 'body', 'coded', 'target', 'resolved', 'locked', 'removed', 'motivation']
    const inner = ['source', 'selector', 'type', 'shape', 'points', 'handles', 'offset', 'file', 'frame', 'value', 'purpose', 'refinedBy']
    const value = fc.oneof(fc.jsonValue(), fc.double(), fc.constantFrom(undefined, NaN, -0, Infinity), fc.uint8Array())
    let shown = 0
    fc.assert(
      fc.property(fc.array(fc.record({ key: fc.constantFrom(...places, ...inner), where: fc.nat(4), value }), { minLength: 1, maxLength: 4 }), (changes) => {
        begin()
        mark((made, { label, target, selector, shape }) => {
          for (const { key, where, value } of changes) [made, label, target, selector, shape][where]?.set(key, value)
        })
        shown += others().length
        useAll()
      }),
      { numRuns: 200 },
    )
    expect(shown).toBeGreaterThan(50) // most of it harms nothing
    expect(shown).toBeLessThan(200)
  })
})
