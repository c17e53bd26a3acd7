import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { asked, draftKey } from '../src/proposals/asking'
import { standsThere } from '../src/proposals/standing'
import { insertWriting } from '../src/sync/insert'
import { plainText } from '../src/sync/text'
import { Undoing } from '../src/sync/undoing'
import type { Block, Run, Writing } from '../src/sync/writing'

const run = (text: string, own = true): Run => ({ text, own, bold: false, italic: false })
const block = (...runs: readonly Run[]): Block => ({ kind: 'paragraph', runs })
const writing = (...blocks: readonly Block[]): Writing => ({ sections: [{ section: 'plan', blocks }], head: [], removed: true, fingerprint: '7:0-4' })
const paragraph = (doc: Y.Doc, text: string): void => {
  const made = new Y.XmlElement('paragraph')
  made.insert(0, [new Y.XmlText(text)])
  doc.getXmlFragment('plan').push([made])
}

test('[PRO-1] only what says something is asked for, with a little of what stood around it', () => {
  const long = `${'a'.repeat(200)}${'b'.repeat(200)}`
  const wanted = asked(writing(block(run(long, false), run('Stop the heparin.')), block(run('Only there.', false)), block(run('  '))))
  expect(wanted?.sections[0]?.blocks).toHaveLength(1)
  expect(wanted?.sections[0]?.blocks[0]?.runs.map(({ text }) => text)).toEqual([`${'a'.repeat(80)} … ${'b'.repeat(80)}`, 'Stop the heparin.'])
})

test('[PRO-1] what is too long is asked for without what stood around it, or not at all', () => {
  const around = Array.from({ length: 400 }, () => block(run('x'.repeat(150), false), run('own')))
  expect(asked(writing(...around))?.sections[0]?.blocks[0]?.runs).toEqual([run('own')])
  expect(asked(writing(block(run('x'.repeat(20_001)))))).toBeNull()
  expect(asked(writing(block(run('突'.repeat(19_000)))))).not.toBeNull()
  expect(asked(writing(...Array.from({ length: 1001 }, () => block(run('x')))))).toBeNull()
  expect(draftKey('7:0-1 '.repeat(100))).toHaveLength(400)
})

test('[PRO-1] of the head goes what the server knows, as it can stand there', () => {
  const wanted = asked({ ...writing(), head: [['question', `Who?\n${'x'.repeat(400)}`], ['of another release', 'x']] })
  expect(wanted?.head.map(([field]) => field)).toEqual(['question'])
  expect([...(wanted?.head[0]?.[1] ?? '')]).toHaveLength(300)
})

test('[PRO-4] what is included comes at the end of its section and is one step of the undo, whatever stood beside it', () => {
  const doc = new Y.Doc()
  const undoing = new Undoing(doc, ['plan'])
  undoing.addTrackedOrigin('typing')
  doc.transact(() => paragraph(doc, 'Saved.'), 'typing')
  const wanted = writing(block(run('Context. ', false), run('Stop the heparin.')), { kind: 'bullet', runs: [run('Tell her.')] })
  expect(standsThere(doc, wanted)).toBe(false)
  const inserted = insertWriting(doc, wanted, undoing)
  doc.transact(() => paragraph(doc, 'Typed after.'), 'typing')
  const text = (): string => plainText(doc.getXmlFragment('plan'))
  expect(text()).toBe('Saved.\nStop the heparin.\n- Tell her.\nTyped after.')
  expect(standsThere(doc, wanted)).toBe(true)
  undoing.undo()
  expect(text()).toBe('Saved.\nStop the heparin.\n- Tell her.')
  undoing.undo()
  expect(text()).toBe('Saved.')
  undoing.redo()
  inserted.undo()
  expect(text()).toBe('Saved.')
})

test('[PRO-4] what is included is taken back alone, whatever was typed since', () => {
  const doc = new Y.Doc()
  const undoing = new Undoing(doc, ['plan'])
  undoing.addTrackedOrigin('typing')
  const inserted = insertWriting(doc, { ...writing(block(run('Stop.'))), head: [['question', 'Who?']] }, undoing)
  doc.transact(() => paragraph(doc, 'Typed after.'), 'typing')
  inserted.undo()
  expect(plainText(doc.getXmlFragment('plan'))).toBe('Typed after.')
  expect(doc.getMap('head').get('question')).toBeUndefined()
  undoing.undo()
  expect(plainText(doc.getXmlFragment('plan'))).toBe('')
})

test('[PRO-4] words stand there already only when all of them do', () => {
  const doc = new Y.Doc()
  paragraph(doc, 'First we stop the  heparin now.')
  expect(standsThere(doc, writing(block(run('stop the heparin'))))).toBe(true)
  expect(standsThere(doc, writing(block(run('stop the heparin')), block(run('Tell her.'))))).toBe(false)
  expect(standsThere(doc, { ...writing(block(run('stop the heparin'))), head: [['question', 'Who?']] })).toBe(false)
})
