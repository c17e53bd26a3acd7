import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import { type Kept, openSession, type Session } from '../src/sync/session'
import { type Ending, type Model, start, statusOf, type Status, unsaved } from '../src/sync/status'
import { plainWriting, type Writing, wordsOfSections } from '../src/sync/writing'
import { MemorySocket } from './memorySocket'

const ADDRESS = 'aaaaaaaaaaaaaaaa/record'
const AUTH = 2
const SYNC = 0

let session: Session
let model: Model
let ended: { why: Ending; writing: Writing } | null
let refused: { reason: string; writing: Writing } | null
let stranded: (Writing & { whose: string })[]
let locks: number
let edits: number[]
let arrivals: number
let contents: number
let doubts: number
let changes: number
let admissions: number
let chance = 0.5

beforeEach(() => {
  vi.useFakeTimers()
  MemorySocket.opened.length = 0
  begin([])
})

afterEach(() => {
  session.close()
  vi.useRealTimers()
})

function begin(kept: readonly Kept[]): void {
  model = start(true, 0)
  ended = refused = null
  contents = doubts = changes = admissions = locks = arrivals = 0
  edits = []
  stranded = []
  session = openSession({
    url: 'ws://server.example/collab',
    address: ADDRESS,
    me: { id: 'a', name: 'Ada Ferro', role: 'lead', color: '#0b6b6b' },
    sections: ['summary', 'plan'],
    words: wordsOfSections(['summary', 'plan']),
    online: true,
    now: performance.now.bind(performance),
    wall: Date.now,
    random: () => chance,
    kept,
    Socket: MemorySocket,
    onModel: (latest) => (model = latest),
    onPeople: () => undefined,
    onContent: () => (contents += 1),
    onEdit: (edit) => edits.push(edit),
    onArrival: () => (arrivals += 1),
    onAdmitted: () => (admissions += 1),
    onStranded: (writing, whose) => stranded.push({ ...writing, whose }),
    onRefused: ({ reason }, writing) => (refused = { reason, writing }),
    onEnded: (why, writing) => (ended = { why, writing }),
    onLocked: () => (locks += 1),
    onDoubt: () => (doubts += 1),
    onChanged: () => (changes += 1),
  })
}

function words(writing: Writing | undefined): [string, string][] {
  return (writing?.sections ?? []).map((section) => [section.section, plainWriting(section)])
}

function status(): Status {
  return statusOf(model, performance.now())
}

/** Open the socket, sign in, exchange documents, acknowledge. */
async function settle(server = new Y.Doc()): Promise<MemorySocket> {
  await vi.advanceTimersByTimeAsync(0)
  const socket = MemorySocket.latest()
  socket.open()
  await vi.advanceTimersByTimeAsync(0)
  socket.admit('read-write')
  socket.greet(server)
  socket.judge(true)
  return socket
}

function write(section: string, words: string): void {
  const paragraph = new Y.XmlElement('paragraph')
  paragraph.insert(0, [new Y.XmlText(words)])
  session.doc.getXmlFragment(section).push([paragraph])
}

function textIn(doc: Y.Doc): Y.XmlText {
  const block = doc.getXmlFragment('plan').get(0)
  const text = block instanceof Y.XmlElement ? block.get(0) : null
  if (!(text instanceof Y.XmlText)) throw new Error('no text there')
  return text
}

describe('a session', () => {
  test('that lost its node comes back after a pause that chance chooses, so that not all do at once', async () => {
    for (const [drawn, pause] of [[0, 500], [0.34567, 846], [0.5, 1000], [1, 1500]] as const) {
      session.close()
      chance = drawn
      begin([])
      const socket = await settle()
      const tries = MemorySocket.opened.length
      socket.breakOff(1006)
      await vi.advanceTimersByTimeAsync(pause - 1)
      expect(MemorySocket.opened.length).toBe(tries)
      await vi.advanceTimersByTimeAsync(1)
      expect(MemorySocket.opened.length).toBe(tries + 1)
    }
    chance = 0.5
  })

  test('signs in with an empty token, because the cookie of the socket says who we are', async () => {
    const socket = await settle()
    expect(socket.count(AUTH, 0)).toBe(1)
    expect([contents, admissions, status().kind]).toEqual([1, 1, 'saved'])
  })

  test('[PAGE-7] says "saved" of an edit only when the server acknowledged it', async () => {
    const socket = await settle()
    write('summary', 'Fever')
    expect(socket.count(SYNC, 2)).toBe(1)
    expect(status()).toEqual({ kind: 'saving', changes: 1 })
    socket.judge(true)
    expect(status().kind).toBe('saved')
  })

  test('[PAGE-7] keeps counting offline edits until the last acknowledgement after the return', async () => {
    const first = await settle()
    first.breakOff(1006)
    write('summary', 'one')
    write('summary', 'two')
    write('summary', 'three')
    expect(status()).toMatchObject({ kind: 'offline', changes: 3 })
    await vi.advanceTimersByTimeAsync(1000)
    const second = await settle()
    expect(second).not.toBe(first)
    expect(second.count(SYNC, 2)).toBe(3)
    expect(second.count(SYNC, 1)).toBe(1)
    expect(unsaved(model)).toBe(3)
    second.judge(true)
    second.judge(true)
    expect(unsaved(model)).toBe(3)
    second.judge(true)
    expect(status().kind).toBe('saved')
  })

  test('[OFF-13] tells of words that went with a paragraph which others changed meanwhile, and of no others', async () => {
    const server = new Y.Doc()
    const first = await settle(server)
    write('plan', 'Give heparin')
    Y.applyUpdate(server, Y.encodeStateAsUpdate(session.doc))
    first.judge(true)
    first.breakOff(1006)
    const text = textIn(session.doc)
    text.insert(text.length, ' unless she bleeds')
    write('summary', 'stays')
    const plan = server.getXmlFragment('plan')
    server.transact(() => {
      plan.insert(1, [new Y.XmlElement('heading')])
      plan.delete(0, 1)
    })
    await vi.advanceTimersByTimeAsync(1000)
    await settle(server)
    expect(stranded.map((each) => [each.whose, words(each)])).toEqual([['own', [['plan', ' unless she bleeds']]]])
    expect(stranded[0]?.sections[0]?.blocks[0]?.runs.map(({ own, text: said }) => [own, said])).toEqual([
      [false, 'Give heparin'],
      [true, ' unless she bleeds'],
    ])
  })

  test('[OFF-13] says nothing of words that others saw and removed, or that we removed ourselves', async () => {
    const server = new Y.Doc()
    const socket = await settle(server)
    write('plan', 'seen by all')
    write('plan', 'ours to remove')
    session.doc.getXmlFragment('plan').delete(1, 1)
    Y.applyUpdate(server, Y.encodeStateAsUpdate(session.doc))
    server.getXmlFragment('plan').delete(0, 1)
    socket.greet(server)
    expect(session.doc.getXmlFragment('plan').length).toBe(0)
    expect(stranded).toEqual([])
  })

  test('[OFF-13] knows the words that an earlier page of ours kept and could not send', async () => {
    session.close()
    const server = new Y.Doc()
    const paragraph = new Y.XmlElement('paragraph')
    paragraph.insert(0, [new Y.XmlText('Known')])
    server.getXmlFragment('plan').insert(0, [paragraph])
    const earlier = new Y.Doc()
    Y.applyUpdate(earlier, Y.encodeStateAsUpdate(server))
    const base = Y.encodeStateVector(earlier)
    textIn(earlier).insert(5, ', and kept')
    const kept = [{ update: Y.encodeStateAsUpdate(server), changes: 0 }, { update: Y.encodeStateAsUpdate(earlier, base), changes: 1 }]
    server.getXmlFragment('plan').delete(0, 1)
    begin(kept)
    await settle(server)
    expect(stranded.map(words)).toEqual([[['plan', ', and kept']]])
  })

  test('[OFF-13] tells of others’ words that came into a paragraph which we had changed on a broken line', async () => {
    const server = new Y.Doc()
    const first = await settle(server)
    session.undoing.addTrackedOrigin(null)
    write('plan', 'Give heparin')
    Y.applyUpdate(server, Y.encodeStateAsUpdate(session.doc))
    first.judge(true)
    first.breakOff(1006)
    session.doc.getXmlFragment('plan').delete(0, 1)
    textIn(server).insert(12, ' unless she bleeds')
    await vi.advanceTimersByTimeAsync(1000)
    await settle(server)
    expect(stranded.map((each) => [each.whose, words(each)])).toEqual([['theirs', [['plan', ' unless she bleeds']]]])
  })

  test('[OFF-13] leaves it to their author, who is there, on a line that works', async () => {
    const server = new Y.Doc()
    const socket = await settle(server)
    session.undoing.addTrackedOrigin(null)
    write('plan', 'Give heparin')
    Y.applyUpdate(server, Y.encodeStateAsUpdate(session.doc))
    session.doc.getXmlFragment('plan').delete(0, 1)
    textIn(server).insert(12, ' unless she bleeds')
    socket.greet(server)
    expect(session.doc.getXmlFragment('plan').length).toBe(0)
    expect(stranded).toEqual([])
  })

  test('[LST-3] passes on that the case changed, and goes on', async () => {
    const socket = await settle()
    socket.tell({ type: 'case-changed' })
    expect([changes, refused, ended]).toEqual([1, null, null])
  })

  test('[PAGE-8] comes back at once when its access changed, and after a pause otherwise', async () => {
    const first = await settle()
    await vi.advanceTimersByTimeAsync(2000)
    first.breakOff(4205)
    await vi.advanceTimersByTimeAsync(1)
    expect(MemorySocket.opened.length).toBe(2)
    await settle()
    MemorySocket.latest().breakOff(1012)
    await vi.advanceTimersByTimeAsync(900)
    expect(MemorySocket.opened.length).toBe(2)
    await vi.advanceTimersByTimeAsync(1000)
    expect(MemorySocket.opened.length).toBe(3)
  })

  test('does not spin when every return is answered with "access changed"', async () => {
    await settle()
    for (let turn = 0; turn < 20; turn++) {
      MemorySocket.latest().breakOff(4205)
      await vi.advanceTimersByTimeAsync(10)
      if (MemorySocket.latest().readyState === 0) MemorySocket.latest().open()
    }
    expect(MemorySocket.opened.length).toBeLessThan(4)
  })

  test.each([
    [4404, 'no-access'],
    [4409, 'moved'],
    [1009, 'unacceptable'],
    [4400, 'unacceptable'],
  ] as const)('[PAGE-10] is over after code %i, and hands back what was not saved', async (code, why) => {
    const socket = await settle()
    write('plan', 'MRI tomorrow')
    socket.breakOff(code)
    expect(ended?.why).toBe(why)
    expect(words(ended?.writing)).toEqual([['plan', 'MRI tomorrow']])
    expect(status()).toEqual({ kind: 'ended', why, changes: 1 })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(MemorySocket.opened.length).toBe(1)
  })

  test('[PAGE-10] hands back a refused edit with the reason, once, and only the sections that were touched', async () => {
    const server = new Y.Doc()
    server.getXmlFragment('summary').push([new Y.XmlElement('paragraph')])
    const socket = await settle(server)
    write('summary', 'This one was saved')
    socket.judge(true)
    write('plan', 'Too much')
    socket.judge(false)
    socket.tell({ type: 'refused', reason: 'document-full', title: 'Full.' })
    expect([refused?.reason, words(refused?.writing)]).toEqual(['document-full', [['plan', 'Too much']]])
    refused = null
    await vi.advanceTimersByTimeAsync(60_000)
    expect(refused).toBeNull()
  })

  test('[OFF-11] hands back no words that the server has, though their acknowledgement was lost with the line', async () => {
    const server = new Y.Doc()
    const first = await settle(server)
    write('plan', 'Saved in time')
    Y.applyUpdate(server, Y.encodeStateAsUpdate(session.doc))
    first.breakOff(4205)
    write('plan', 'Too late')
    await vi.advanceTimersByTimeAsync(1000)
    const second = MemorySocket.latest()
    second.open()
    await vi.advanceTimersByTimeAsync(0)
    second.admit('readonly')
    second.greet(server)
    second.judge(false)
    second.tell({ type: 'refused', reason: 'read-only', title: '' })
    expect(words(refused?.writing)).toEqual([['plan', 'Too late']])
  })

  test('[PAGE-10] does not wait for ever for the reason of a refusal', async () => {
    const socket = await settle()
    write('plan', 'x')
    socket.judge(false)
    expect(refused).toBeNull()
    await vi.advanceTimersByTimeAsync(1000)
    expect(refused?.reason).toBe('unknown')
  })

  test('asks the API when the handshake itself fails', async () => {
    await vi.advanceTimersByTimeAsync(0)
    MemorySocket.latest().breakOff(1006)
    expect(doubts).toBe(1)
  })

  test('[PAGE-7] counts no edit that came from elsewhere', async () => {
    const server = new Y.Doc()
    server.getXmlFragment('summary').push([new Y.XmlElement('paragraph')])
    await settle(server)
    expect(session.doc.getXmlFragment('summary').length).toBe(1)
    expect(model.edits).toBe(0)
  })
})

describe('what this device kept', () => {
  /** A record as the server has it, and an edit to it that the server does not have. */
  function recordAndEdit(): [record: Y.Doc, edit: Uint8Array] {
    const [record, device] = [new Y.Doc(), new Y.Doc()]
    const paragraph = new Y.XmlElement('paragraph')
    paragraph.insert(0, [new Y.XmlText('Fever')])
    device.getXmlFragment('summary').push([paragraph])
    Y.applyUpdate(record, Y.encodeStateAsUpdate(device))
    paragraph.insert(1, [new Y.XmlText(' since Monday')])
    return [record, Y.encodeStateAsUpdate(device, Y.encodeStateVector(record))]
  }

  const summary = (): string => session.doc.getXmlFragment('summary').toString()

  test('[OFF-3] is shown before the server is there, counted as not saved, and saved once', async () => {
    const [record, edit] = recordAndEdit()
    session.close()
    begin([
      { update: Y.encodeStateAsUpdate(record), changes: 0 },
      { update: edit, changes: 1 },
    ])
    expect([contents, session.pending().length]).toEqual([1, 1])
    const socket = await settle(record)
    expect([session.pending().length, status().kind]).toEqual([0, 'saved'])
    expect(socket.count(SYNC, 1)).toBe(1)
    expect(summary()).toBe('<paragraph>Fever since Monday</paragraph>')
  })

  test('[OFF-10] without what stood around it is not taken for the record, and saved when the server has brought that', async () => {
    const [record, edit] = recordAndEdit()
    session.close()
    begin([{ update: edit, changes: 1 }])
    expect([contents, summary()]).toEqual([0, ''])
    await settle(record)
    expect([contents, status().kind, summary()]).toEqual([1, 'saved', '<paragraph>Fever since Monday</paragraph>'])
  })
})
