// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import type { Case, Me } from '../src/api'
import { OpenRecord } from '../src/case/record.svelte'
import { OpenDiscussion } from '../src/discussion/discussion.svelte'
import { discussionWords } from '../src/discussion/words'
import { plainWriting } from '../src/sync/writing'
import { together } from '../src/sync/together'
import { readDraft } from '../src/offline/drafts'
import type { Shape } from '../src/annotations/annotation'
import { applyAgain, canApply, deedsOf } from '../src/discussion/changes'
import type { LostChange } from '../src/sync/writing'
import { drawn, group, type Marker } from './annotations/pair'
import { MemorySocket } from './memorySocket'

const CASE = 'aaaaaaaaaaaaaaaa'
const ME: Me = { id: 'person0', name: 'Ada Ferro', email: 'ada@x.example', color: '#0b6b6b', standing: 'clinician', profession: '', specialty: '', registration: '', language: null, picture: null }
const OPENED: Case = { id: CASE, title: 'A case', state: 'open', createdAt: 0, role: 'consultant', rights: new Set(['read', 'write discussion']), documents: new Map([['record', 'record'], ['discussion', 'discussion']]), members: [] }

let record: OpenRecord
let discussion: OpenDiscussion
let told: Record<string, unknown>

beforeEach(() => {
  vi.useFakeTimers()
  MemorySocket.opened.length = 0
  told = { case: { id: CASE, title: 'A case', state: 'open', created_at: 0 }, role: 'consultant', rights: ['read', 'write discussion'], documents: { record: 'record', discussion: 'discussion' }, members: [] }
  vi.stubGlobal('WebSocket', MemorySocket)
  vi.stubGlobal('fetch', (path: string) => Promise.resolve(path === `/api/cases/${CASE}` ? Response.json(told) : Response.json({ title: 'Not here', reason: 'not-found' }, { status: 404 })))
  record = new OpenRecord(OPENED, ME)
  discussion = new OpenDiscussion(record)
})

afterEach(() => {
  record.close()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

/** The newest socket, for this document, let in and given what the server has. */
async function greet(name: string, scope: 'read-write' | 'readonly', server = new Y.Doc()): Promise<MemorySocket> {
  await vi.advanceTimersByTimeAsync(0)
  const socket = MemorySocket.latest()
  socket.open()
  await vi.advanceTimersByTimeAsync(0)
  expect(socket.address).toBe(`${CASE}/${name}`)
  socket.admit(scope)
  socket.greet(server)
  socket.judge(true)
  await vi.advanceTimersByTimeAsync(0)
  return socket
}

describe('the discussion', () => {
  test('is asked for once the record is there, and not before [DISC-1]', async () => {
    await vi.advanceTimersByTimeAsync(60)
    expect([MemorySocket.opened.length, discussion.session]).toEqual([1, null])
    await greet('record', 'readonly')
    await vi.advanceTimersByTimeAsync(0)
    expect(MemorySocket.opened.length).toBe(2)
    await greet('discussion', 'read-write')
    expect([record.mayWrite, discussion.mayWrite, discussion.marked.isKnown]).toEqual([false, true, true])
  })

  test('shows what others marked, and is read-only for who may not write it [DISC-2]', async () => {
    await greet('record', 'readonly')
    await greet('discussion', 'read-write')
    discussion.marked.add(drawn())
    const server = new Y.Doc()
    Y.applyUpdate(server, Y.encodeStateAsUpdate(discussion.session?.doc ?? server))
    record.close()
    record = new OpenRecord(OPENED, ME)
    discussion = new OpenDiscussion(record)
    await greet('record', 'readonly')
    await greet('discussion', 'readonly', server)
    expect(discussion.marked.of('media1')).toHaveLength(1)
    expect([discussion.mayWrite, discussion.marked.mayMark]).toEqual([false, false])
  })

  test('is followed under a new name, and the page shows what is there [DISC-2]', async () => {
    await greet('record', 'readonly')
    const socket = await greet('discussion', 'read-write')
    told = { ...told, documents: { record: 'record', discussion: 'discussion~2' } }
    socket.breakOff(4409)
    await vi.advanceTimersByTimeAsync(0)
    await greet('discussion~2', 'read-write')
    discussion.marked.add(drawn())
    expect(discussion.marked.of('media1')).toHaveLength(1)
  })

  test('a mark is "saved" by an acknowledgement alone, and until then closing loses something [DISC-3]', async () => {
    await greet('record', 'readonly')
    const socket = await greet('discussion', 'read-write')
    discussion.marked.add(drawn())
    expect(discussion.status.kind).toBe('saving')
    expect(together(record.status, discussion.status).kind).toBe('saving')
    expect(discussion.isHolding).toBe(true)
    for (let sent = socket.count(0, 2); sent > 0; sent--) socket.judge(true)
    expect([discussion.status.kind, discussion.isHolding]).toEqual(['saved', false])
    expect(together(record.status, discussion.status).kind).toBe('read-only')
  })

  test('words that were refused are a draft, and the discussion is open again without them [DISC-4]', async () => {
    await greet('record', 'readonly')
    const socket = await greet('discussion', 'read-write')
    const id = discussion.marked.add(drawn({ label: 'Cyst' }))
    discussion.marked.reply(id, 'Older than the last one.')
    socket.judge(false)
    socket.tell({ type: 'refused', reason: 'read-only', title: 'You may only read this.' })
    await vi.advanceTimersByTimeAsync(0)
    await greet('discussion', 'readonly')
    expect(record.rescued.all.map(({ reason, writing }) => [reason, writing.sections.map(plainWriting)])).toEqual([['read-only', ['Cyst\nOlder than the last one.']]])
    expect(record.rescued.all.map(({ writing }) => writing.marks)).toEqual([[{ ...drawn({ label: 'Cyst' }), replies: ['Older than the last one.'] }]])
    expect(discussion.marked.of('media1')).toEqual([])
  })
})

test('marks that somebody drew are told as they are now; what others drew, and what was taken back, is not [DISC-4]', () => {
  const both = group(2)
  const [ada, bo] = [both.at(0), both.at(1)]
  const theirs = bo.marked.add(drawn({ label: 'Theirs' }))
  const updates: Uint8Array[] = []
  ada.doc.on('update', (update: Uint8Array) => updates.push(update))
  const id = ada.marked.add(drawn({ shape: 'rectangle', label: '' }))
  ada.marked.moveHandle(id, 3, { x: 50, y: 0 })
  ada.marked.reply(theirs, 'I see it too.')
  ada.marked.add(drawn({ label: 'Gone' }))
  ada.marked.undo()
  const { marks, sections, removed } = discussionWords.written(ada.doc, updates)
  expect(removed).toBe(false)
  expect(marks).toEqual([{ ...drawn({ shape: 'rectangle', label: '', points: [{ x: 10, y: 20 }, { x: 50, y: 40 }] }), replies: [] }])
  expect(sections.map(plainWriting)).toEqual(['I see it too.\nGone'])
})

test('a draft of marks is read as it was kept [DISC-4]', () => {
  const change = { ...drawn(), replies: [], id: 'm', moved: ['0x'], isLabelled: true, isCoded: false, isRemoved: null, isResolved: true, isLocked: false }
  const writing = { sections: [], marks: [{ ...drawn(), replies: ['Said.'] }], changes: [change], head: [], removed: false, fingerprint: 'f' }
  const draft = { id: 'f', case: CASE, at: 1, reason: 'read-only', title: '', writing }
  expect(readDraft(structuredClone(draft))).toEqual(draft)
  expect(readDraft({ ...draft, writing: { ...writing, marks: undefined, changes: undefined } }).writing).toMatchObject({ marks: [], changes: [] })
})

/** What the first of them does to marks of the second while off the line; and the second goes on. */
function refused(deed: (ada: Marker, id: string) => void, meanwhile: (bo: Marker, id: string) => void = () => undefined, shape: Shape = 'rectangle'): { bo: Marker; id: string; changes: readonly LostChange[] } {
  const both = group(2)
  const [ada, bo] = [both.at(0), both.at(1)]
  const id = bo.marked.add(drawn({ shape, label: 'Theirs' }))
  both.cut(0)
  const updates: Uint8Array[] = []
  ada.doc.on('update', (update: Uint8Array) => updates.push(update))
  deed(ada, id)
  meanwhile(bo, id)
  return { bo, id, changes: discussionWords.written(ada.doc, updates).changes ?? [] }
}

test('what was changed of a mark of somebody else is told as it would be, and made again without undoing what they did since [DISC-5]', () => {
  const { bo, id, changes } = refused(
    ({ marked }, mark) => {
      marked.moveHandle(mark, 3, { x: 50, y: 0 })
      marked.describe(mark, { label: 'Cyst' })
      marked.reply(mark, 'I see it too.')
      marked.resolve(mark, true)
    },
    ({ marked }, mark) => marked.moveHandle(mark, 1, { x: 0, y: 5 }),
  )
  expect(changes.map(deedsOf)).toEqual([['moved', 'labelled', 'resolved', 'answered']])
  expect(changes[0]).toMatchObject({ id, label: 'Cyst', points: [{ x: 10, y: 20 }, { x: 50, y: 40 }], moved: ['1x'], replies: ['I see it too.'] })
  for (const change of changes) applyAgain(change, bo.marked)
  expect(bo.marked.find(id)).toMatchObject({ label: 'Cyst', isResolved: true, points: [{ x: 10, y: 5 }, { x: 50, y: 40 }] })
  expect(bo.marked.find(id)?.replies.map(({ text }) => text)).toEqual(['I see it too.'])
})

test('moving all of a mark, and a point of it, is made again where it lay [DISC-5]', () => {
  for (const shape of ['length', 'rectangle', 'freehand'] as const) {
    const { bo, id, changes } = refused(
      ({ marked }, mark) => {
        marked.moveAll(mark, { x: 7, y: 9 })
        marked.moveHandle(mark, 0, { x: 12, y: 13 })
      },
      ({ marked }, mark) => marked.moveAll(mark, { x: 100, y: 0 }),
      shape,
    )
    for (const change of changes) applyAgain(change, bo.marked)
    expect(bo.marked.find(id)?.points).toEqual(changes[0]?.points)
    expect(changes[0]?.points).toEqual([shape === 'freehand' ? { x: 17, y: 29 } : { x: 12, y: 13 }, { x: 37, y: 49 }])
  }
})

test('removing, bringing back and a code taken away are changes; what was taken back is none, nor what nobody may change [DISC-5]', () => {
  const removed = refused(({ marked }, mark) => marked.remove(mark))
  expect(removed.changes.map(deedsOf)).toEqual([['removed']])
  expect(removed.changes.map((change) => canApply(change, removed.bo.marked, removed.bo.me))).toEqual([true])
  expect(refused(({ marked }, mark) => (marked.remove(mark), marked.undo())).changes).toEqual([])
  const locked = refused(({ marked }, mark) => marked.moveAll(mark, { x: 1, y: 1 }), ({ marked }, mark) => marked.lock(mark, true))
  expect(locked.changes.map((change) => canApply(change, locked.bo.marked, { id: 'person0', role: 'contributor' }))).toEqual([false])
  const both = group(2)
  const [ada, bo] = [both.at(0), both.at(1)]
  const id = bo.marked.add(drawn({ code: { system: 'http://snomed.info/sct', code: '1', display: 'Cyst' } }))
  bo.marked.remove(id)
  const updates: Uint8Array[] = []
  ada.doc.on('update', (update: Uint8Array) => updates.push(update))
  ada.marked.restore(id)
  ada.marked.describe(id, { code: null })
  expect(discussionWords.written(ada.doc, updates).changes?.map(deedsOf)).toEqual([['coded', 'restored']])
})

test('what somebody wrote into a mark is told from what stood there [DISC-4]', () => {
  const doc = new Y.Doc()
  const mark = new Y.Map<unknown>()
  const body = new Y.Array<unknown>()
  const label = new Y.Map([['value', 'Nodule']])
  body.push([label, { value: 'Old.' }, 3, null])
  mark.set('body', body)
  doc.getMap('annotations').set('a', mark)
  doc.getMap('annotations').set('hostile', 7)
  const untouched = new Y.Map<unknown>([['coded', { display: 'Untouched' }]])
  doc.getMap('annotations').set('untouched', untouched)
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  label.set('value', 'Cyst')
  body.push([{ value: 'New.' }])
  mark.set('coded', { display: 'Cyst of kidney' })
  const { sections } = discussionWords.written(doc, updates)
  expect(sections.map(plainWriting)).toEqual(['Cyst of kidney\nCyst\nNew.'])
})
