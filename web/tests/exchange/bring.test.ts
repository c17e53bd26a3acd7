// @vitest-environment jsdom
import { EditorState, TextSelection } from '@tiptap/pm/state'
import { prosemirrorToYXmlFragment, yXmlFragmentToProseMirrorRootNode } from '@tiptap/y-tiptap'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { isKnown } from '../../src/editor/known'
import { bringIntoSeveral, insertion, type Where } from '../../src/exchange/bring'
import { schema, section } from './records'

const p = (words: string) => schema.node('paragraph', null, words === '' ? [] : [schema.text(words)])
const COMING = [schema.node('heading', { level: 3 }, [schema.text('New')]), p('words')]

function after(blocks: ReturnType<typeof p>[], caret: number, where: Where): string {
  const doc = schema.node('doc', null, blocks)
  const state = EditorState.create({ doc, selection: TextSelection.create(doc, caret) })
  const done = state.apply(insertion(state, COMING, where))
  done.doc.check()
  return `${done.doc.content.content.map((block) => block.textContent).join('|')} ${done.selection.$head.parent.textContent}`
}

test('[XCH-4] what comes stands where the caret is: before, behind or within a paragraph, and in place of an empty one', () => {
  expect(after([p('Fever'), p('Rash')], 1, 'cursor')).toBe('New|words|Fever|Rash words')
  expect(after([p('Fever'), p('Rash')], 6, 'cursor')).toBe('Fever|New|words|Rash words')
  expect(after([p('Fever'), p('Rash')], 3, 'cursor')).toBe('Fe|New|words|ver|Rash words')
  expect(after([p(''), p('Rash')], 1, 'cursor')).toBe('New|words|Rash words')
})

test('[XCH-4] or at the end, in place of the empty line that is there; never inside a list or a table', () => {
  expect(after([p('Fever'), p('')], 1, 'end')).toBe('Fever|New|words words')
  expect(after([p('Fever'), p('Rash')], 1, 'end')).toBe('Fever|Rash|New|words words')
  const list = schema.node('bulletList', null, [schema.node('listItem', null, [p('MRI')])])
  expect(after([list, p('Rash')], 4, 'cursor')).toBe('MRI|New|words|Rash words')
})

test('[XCH-4] words that somebody wrote into what was imported stay when the import is taken back', () => {
  const doc = new Y.Doc()
  const undo = bringIntoSeveral(doc, [{ section: 'plan', blocks: [schema.node('bulletList', null, [schema.node('listItem', null, [p('MRI')])]), p('EEG')] }], schema)
  const other = new Y.Doc()
  Y.applyUpdate(other, Y.encodeStateAsUpdate(doc))
  const item = other.getXmlFragment('plan').createTreeWalker((node) => node instanceof Y.XmlText).next().value
  if (item instanceof Y.XmlText) item.insert(3, ' of the head')
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(other))
  undo.undo()
  expect(doc.getXmlFragment('plan').toString()).toBe('<bulletlist><listitem><paragraph> of the head</paragraph></listitem></bulletlist>')
})

test('[XCH-6] several sections at once are one edit, known to every editor, and one way back leaves what others wrote since', () => {
  fc.assert(
    fc.property(section, section, (there, coming) => {
      const doc = new Y.Doc()
      prosemirrorToYXmlFragment(there, doc.getXmlFragment('plan'))
      const before = doc.getXmlFragment('plan').toJSON()
      let edits = 0
      doc.on('update', () => (edits += 1))
      const blocks = coming.content.content
      const undo = bringIntoSeveral(doc, [{ section: 'plan', blocks: [...blocks] }, { section: 'outcome', blocks: [...blocks] }], schema)
      expect(edits).toBe(1)
      for (const name of ['plan', 'outcome']) expect(isKnown(doc.getXmlFragment(name), schema)).toBe(true)
      expect(yXmlFragmentToProseMirrorRootNode(doc.getXmlFragment('outcome'), schema).toJSON()).toEqual(coming.toJSON())
      const other = new Y.XmlElement('paragraph')
      doc.getXmlFragment('outcome').push([other])
      undo.undo()
      expect(doc.getXmlFragment('outcome').toArray()).toEqual([other])
      expect(doc.getXmlFragment('plan').toJSON()).toBe(before)
    }),
    { numRuns: 25 },
  )
}, 60_000)
