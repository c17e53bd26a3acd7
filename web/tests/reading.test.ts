import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import type { Answer } from '../src/api'
import { type Edit, Past } from '../src/history/past'
import { readOn } from '../src/history/reading'
import { readSection } from '../src/history/walk'

function edits(count: number): readonly Edit[] {
  const found: Edit[] = []
  const doc = new Y.Doc()
  doc.on('update', (update: Uint8Array) => found.push({ seq: found.length + 1, author: 'ada', at: 0, update }))
  const text = new Y.XmlText()
  doc.getXmlFragment('plan').insert(0, [text])
  while (found.length < count) text.insert(text.length, 'x')
  return found
}

function journal(all: readonly Edit[], page: number) {
  const asked: number[] = []
  const after = (seq: number): Promise<Answer<readonly Edit[]>> => {
    asked.push(seq)
    return Promise.resolve({ ok: true, value: all.slice(seq, seq + page) })
  }
  return { asked, after }
}

describe('reading a history [HIS-13]', () => {
  it('puts in page after page, tells how far it is, and goes on later', async () => {
    const all = edits(250)
    const past = new Past()
    const reached: number[] = []
    const { asked, after } = journal(all.slice(0, 200), 80)
    const signal = new AbortController().signal
    expect(await readOn(past, { after, signal, reached: (seq) => reached.push(seq) })).toBeNull()
    expect(reached).toEqual([80, 160, 200])
    expect(asked).toEqual([0, 80, 160, 200])
    expect(await readOn(past, { after: journal(all, 80).after, signal, reached: () => undefined })).toBeNull()
    const [part] = readSection(past, 'plan', { from: 250, to: 250 })
    expect(part?.kind === 'text' ? part.text.length : 0).toBe(249)
  })

  it('stops when nobody wants it any more', async () => {
    const past = new Past()
    const stop = new AbortController()
    const { asked, after } = journal(edits(300), 100)
    expect(await readOn(past, { after, signal: stop.signal, reached: () => stop.abort() })).toBeNull()
    expect(past.reached).toBe(100)
    expect(asked.length).toBe(2)
  })

  it('says what went wrong, and can be tried again', async () => {
    const past = new Past()
    const all = edits(120)
    const { signal } = new AbortController()
    const whole = journal(all, 100)
    let isDown = true
    const after = (seq: number): Promise<Answer<readonly Edit[]>> =>
      seq === 100 && isDown ? Promise.resolve({ ok: false, problem: { kind: 'unreachable', title: 'down' } }) : whole.after(seq)
    expect(await readOn(past, { after, signal, reached: () => undefined })).toMatchObject({ kind: 'unreachable' })
    isDown = false
    expect(await readOn(past, { after, signal, reached: () => undefined })).toBeNull()
    expect(past.reached).toBe(120)
    const broken: Edit = { seq: 121, author: 'eve', at: 0, update: new Uint8Array([255, 255]) }
    const spoiled = journal([...all, broken], 100)
    expect(await readOn(past, { after: spoiled.after, signal, reached: () => undefined })).toMatchObject({ kind: 'failed' })
  })
})
