import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { ANNOTATIONS } from '../../src/annotations/stored'
import { drawn, group, type Marker } from './pair'

const points = ({ marked }: Marker, id: string) => marked.find(id)?.points.map(({ x, y }) => [x, y])

const CODE = { system: 'http://snomed.info/sct', code: '27925004', display: 'Nodule' }

describe('one person', () => {
  it('draws, and it is what was drawn [ANN-1]', () => {
    const { people: [ada] } = group(1)
    const id = ada?.marked.add(drawn({ code: CODE })) ?? ''
    expect(ada?.marked.of('media1')).toEqual([ada?.marked.find(id)])
    expect(ada?.marked.find(id)).toMatchObject({ ...drawn({ code: CODE }), by: ada?.me, replies: [], isResolved: false, isLocked: false, isRemoved: false })
  })

  it.each([
    { file: '1.2.3', frame: 0, seconds: null },
    { file: null, frame: null, seconds: 12.25 },
    { file: null, frame: null, seconds: null },
  ])('says where it is, in a series, a film and a photo [ANN-1]', (spot) => {
    const ada = group(1).at(0)
    expect(ada.marked.find(ada.marked.add(drawn({ spot })))?.spot).toEqual(spot)
  })

  it('keeps it as a W3C Web Annotation [ANN-1]', () => {
    const ada = group(1).at(0)
    const id = ada.marked.add(drawn({ code: CODE }))
    ada.marked.moveHandle(id, 1, { x: 31, y: 41 })
    ada.marked.reply(id, 'Older than the last one.')
    const form: unknown = JSON.parse(readFileSync(fileURLToPath(new URL('../../../tests/unit/annotation.json', import.meta.url)), 'utf-8'))
    expect(ada.doc.getMap(ANNOTATIONS).toJSON()[id]).toEqual(form) // the server's tests read the same
  })

  it('takes each step back and makes it again, its making too [ANN-6]', () => {
    const ada = group(1).at(0)
    const id = ada.marked.add(drawn())
    ada.marked.moveHandle(id, 0, { x: 1, y: 2 })
    ada.marked.moveAll(id, { x: 100, y: 0 })
    ada.marked.describe(id, { label: 'Cyst', code: CODE })
    ada.marked.undo()
    expect(ada.marked.find(id)).toMatchObject({ label: 'Nodule', code: null })
    ada.marked.undo()
    ada.marked.undo()
    expect(points(ada, id)).toEqual([[10, 20], [30, 40]])
    ada.marked.undo()
    expect(ada.marked.find(id)?.isRemoved).toBe(true)
    expect(ada.marked.canUndo).toBe(false)
    for (let step = 0; step < 4; step++) ada.marked.redo()
    expect(ada.marked.canRedo).toBe(false)
    expect(points(ada, id)).toEqual([[101, 2], [130, 40]])
    expect(ada.marked.find(id)).toMatchObject({ label: 'Cyst', code: CODE, isRemoved: false })
  })

  it('who may not mark changes nothing [ANN-9]', () => {
    let mayMark = true
    const ada = group(1, (base) => ({ ...base, get mayMark() { return mayMark } })).at(0)
    const id = ada.marked.add(drawn())
    mayMark = false
    const before = Y.encodeStateAsUpdate(ada.doc)
    ada.marked.add(drawn())
    ada.marked.moveHandle(id, 0, { x: 1, y: 2 })
    ada.marked.remove(id)
    ada.marked.reply(id, 'No.')
    ada.marked.undo()
    expect(Y.encodeStateAsUpdate(ada.doc)).toEqual(before)
  })
})

describe('two people at once', () => {
  /** Both have one mark; then both work on it without hearing of each other. */
  function apart(first: (ada: Marker, id: string) => void, second: (bo: Marker, id: string) => void) {
    const both = group(2)
    const id = both.at(0).marked.add(drawn())
    both.cut(0)
    first(both.at(0), id)
    second(both.at(1), id)
    both.mendAll()
    const [ada, bo] = [both.at(0).marked.find(id), both.at(1).marked.find(id)]
    expect(ada).toEqual(bo)
    return { both, id, mark: ada }
  }

  it('who move different points keep both [ANN-2]', () => {
    const { both, id } = apart(
      ({ marked }, mark) => marked.moveHandle(mark, 0, { x: 1, y: 1 }),
      ({ marked }, mark) => marked.moveHandle(mark, 1, { x: 2, y: 2 }),
    )
    expect(points(both.at(1), id)).toEqual([[1, 1], [2, 2]])
  })

  it('who move the same point have one of the two, both of them [ANN-2]', () => {
    const { both, id } = apart(
      ({ marked }, mark) => marked.moveHandle(mark, 0, { x: 1, y: 1 }),
      ({ marked }, mark) => marked.moveHandle(mark, 0, { x: 2, y: 2 }),
    )
    expect([[1, 1], [2, 2]]).toContainEqual(points(both.at(0), id)?.[0])
  })

  it('one moves all of it and the other a point: the point comes along [ANN-2]', () => {
    const { both, id } = apart(
      ({ marked }, mark) => marked.moveAll(mark, { x: 100, y: 100 }),
      ({ marked }, mark) => marked.moveHandle(mark, 1, { x: 35, y: 45 }),
    )
    expect(points(both.at(0), id)).toEqual([[110, 120], [135, 145]])
  })

  it('one removes what the other works on: it is removed, the work is in it, and it can be brought back [ANN-3]', () => {
    const { both, id, mark } = apart(
      ({ marked }, each) => marked.remove(each),
      ({ marked }, each) => {
        marked.moveHandle(each, 0, { x: 1, y: 1 })
        marked.describe(each, { label: 'Cyst' })
        marked.reply(each, 'Look again.')
      },
    )
    expect(mark).toMatchObject({ isRemoved: true, label: 'Cyst', replies: [{ text: 'Look again.' }] })
    both.at(1).marked.restore(id)
    expect(both.at(0).marked.find(id)?.isRemoved).toBe(false)
    expect(points(both.at(0), id)).toEqual([[1, 1], [30, 40]])
  })

  it('who reply both have said it, in the same order everywhere [ANN-4]', () => {
    const { mark } = apart(
      ({ marked }, each) => ['One.', 'Two.'].forEach((text) => marked.reply(each, text)),
      ({ marked }, each) => ['Three.', 'Four.'].forEach((text) => marked.reply(each, text)),
    )
    const said = mark?.replies.map(({ text }) => text).join(' ')
    expect(['One. Two. Three. Four.', 'Three. Four. One. Two.']).toContain(said)
  })

  it('one gives a label and the other a code: both are kept [ANN-2]', () => {
    const { mark } = apart(
      ({ marked }, each) => marked.describe(each, { label: 'Cyst' }),
      ({ marked }, each) => marked.describe(each, { code: CODE }),
    )
    expect(mark).toMatchObject({ label: 'Cyst', code: CODE })
  })
})

describe('undo beside others', () => {
  it('takes back what we did and nothing of others [ANN-6]', () => {
    const both = group(2)
    const [ada, bo] = [both.at(0), both.at(1)]
    const id = ada.marked.add(drawn())
    ada.marked.moveHandle(id, 0, { x: 1, y: 1 })
    bo.marked.moveHandle(id, 1, { x: 2, y: 2 })
    ada.marked.undo()
    expect(points(bo, id)).toEqual([[10, 20], [2, 2]])
    expect(bo.marked.canUndo).toBe(true)
  })

  it('leaves what somebody else has changed since, and takes back the step before it [ANN-6]', () => {
    const both = group(2)
    const [ada, bo] = [both.at(0), both.at(1)]
    const id = ada.marked.add(drawn())
    ada.marked.describe(id, { label: 'Cyst' })
    ada.marked.moveHandle(id, 0, { x: 1, y: 1 })
    bo.marked.moveHandle(id, 0, { x: 2, y: 2 })
    ada.marked.undo()
    expect(points(ada, id)?.[0]).toEqual([2, 2])
    expect(ada.marked.find(id)?.label).toBe('Nodule')
  })

  it('of what was drawn removes it with what others did to it, and redo brings all of it back [ANN-6]', () => {
    const both = group(2)
    const [ada, bo] = [both.at(0), both.at(1)]
    const id = ada.marked.add(drawn())
    bo.marked.moveHandle(id, 1, { x: 2, y: 2 })
    bo.marked.reply(id, 'I agree.')
    ada.marked.undo()
    expect(bo.marked.find(id)).toMatchObject({ isRemoved: true, replies: [{ text: 'I agree.' }] })
    ada.marked.redo()
    expect(points(bo, id)).toEqual([[10, 20], [2, 2]])
    expect(bo.marked.find(id)).toMatchObject({ isRemoved: false, replies: [{ text: 'I agree.' }] })
  })
})

describe('a lock', () => {
  it('keeps others from moving, renaming and removing, not from replying and resolving [ANN-7]', () => {
    const both = group(2)
    const [ada, bo] = [both.at(0), both.at(1)]
    const id = ada.marked.add(drawn())
    ada.marked.lock(id, true)
    const before = bo.marked.find(id)
    bo.marked.moveHandle(id, 0, { x: 1, y: 1 })
    bo.marked.moveAll(id, { x: 1, y: 1 })
    bo.marked.describe(id, { label: 'Cyst' })
    bo.marked.remove(id)
    bo.marked.lock(id, false)
    expect(bo.marked.find(id)).toBe(before)
    bo.marked.reply(id, 'Why?')
    bo.marked.resolve(id, true)
    expect(ada.marked.find(id)).toMatchObject({ isLocked: true, isResolved: true, replies: [{ text: 'Why?' }] })
    ada.marked.moveHandle(id, 0, { x: 1, y: 1 })
    expect(points(bo, id)?.[0]).toEqual([1, 1])
  })

  it('is opened by whoever leads the case, too [ANN-7]', () => {
    const lead = { id: 'person1', name: 'Bo Lind', role: 'lead', color: '#0b6b6b' }
    const both = group(2, (base, which) => (which === 1 ? { ...base, me: lead } : base))
    const id = both.at(0).marked.add(drawn())
    both.at(0).marked.lock(id, true)
    both.at(1).marked.lock(id, false)
    expect(both.at(0).marked.find(id)?.isLocked).toBe(false)
  })
})
