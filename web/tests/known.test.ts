import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { contentSchema } from '../src/editor/extensions'
import { isKnown } from '../src/editor/known'
import { mirror } from '../src/sync/mirror'

const schema = contentSchema()

function fragmentWith(...nodes: (Y.XmlElement | Y.XmlText)[]): Y.XmlFragment {
  const fragment = new Y.Doc().getXmlFragment('plan')
  fragment.insert(0, nodes)
  return fragment
}

function paragraph(words: string, marks: Record<string, object> = {}): Y.XmlElement {
  const text = new Y.XmlText()
  text.applyDelta([{ insert: words, attributes: marks }])
  const made = new Y.XmlElement('paragraph')
  made.insert(0, [text])
  return made
}

test('what the editor writes is known', () => {
  const item = new Y.XmlElement('listItem')
  item.insert(0, [paragraph('MRI', { bold: {}, italic: {} })])
  const list = new Y.XmlElement('bulletList')
  list.insert(0, [item])
  expect(isKnown(fragmentWith(paragraph('a'), list, new Y.XmlElement('paragraph')), schema)).toBe(true)
  expect(isKnown(fragmentWith(), schema)).toBe(true)
})

test('[GAL-9] a figure is known, also as all that a list holds, and one with more than its name and label is not', () => {
  const figure = (more: Record<string, string> = {}): Y.XmlElement => {
    const made = new Y.XmlElement('figure')
    for (const [name, value] of Object.entries({ media: 'abcdefghijklmnop', label: 'CT', ...more })) made.setAttribute(name, value)
    return made
  }
  const item = new Y.XmlElement('listItem')
  item.insert(0, [figure()])
  const list = new Y.XmlElement('bulletList')
  list.insert(0, [item])
  expect(isKnown(fragmentWith(figure(), list), schema)).toBe(true)
  expect(isKnown(fragmentWith(figure({ src: 'https://elsewhere.example/a.png' })), schema)).toBe(false)
})

test('[GAL-9] a table that is broken and holds a figure is not taken for nothing', () => {
  const figure = new Y.XmlElement('figure')
  figure.setAttribute('media', 'abcdefghijklmnop')
  const table = new Y.XmlElement('table')
  table.insert(0, [figure])
  expect(isKnown(fragmentWith(table), schema)).toBe(false)
})

test('[PAGE-11] a node, a mark or a text in a place that the editor does not know is unknown, however deep', () => {
  const table = new Y.XmlElement('video')
  const item = new Y.XmlElement('listItem')
  item.insert(0, [table])
  const list = new Y.XmlElement('bulletList')
  list.insert(0, [item])
  expect(isKnown(fragmentWith(list), schema)).toBe(false)
  expect(isKnown(fragmentWith(paragraph('x', { highlight: {} })), schema)).toBe(false)
  expect(isKnown(fragmentWith(paragraph('x', { 'bold--a1b2': {} })), schema)).toBe(true)
  expect(isKnown(fragmentWith(new Y.XmlText('bare')), schema)).toBe(false)
  const embed = paragraph('')
  const text = new Y.XmlText()
  text.insertEmbed(0, { image: 'x' })
  embed.insert(0, [text])
  expect(isKnown(fragmentWith(embed), schema)).toBe(false)
})

test('[PAGE-11] a mirror follows its original and keeps its own changes to itself', () => {
  const original = new Y.Doc()
  original.getXmlFragment('plan').push([paragraph('one')])
  const copy = mirror(original)
  let changes = 0
  original.on('update', () => (changes += 1))
  original.getXmlFragment('plan').push([paragraph('two')])
  copy.getXmlFragment('plan').delete(0, 1)
  expect(copy.getXmlFragment('plan').toString()).toBe('<paragraph>two</paragraph>')
  expect(original.getXmlFragment('plan').length).toBe(2)
  expect(changes).toBe(1)
})
