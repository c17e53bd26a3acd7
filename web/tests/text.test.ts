import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { plainText } from '../src/sync/text'

function element(name: string, ...children: (Y.XmlElement | Y.XmlText)[]): Y.XmlElement {
  const made = new Y.XmlElement(name)
  made.insert(0, children)
  return made
}

test('blocks become lines, list items get a dash, marks vanish', () => {
  const fragment = new Y.Doc().getXmlFragment('plan')
  const bold = new Y.XmlText()
  fragment.insert(0, [
    element('heading', new Y.XmlText('Today')),
    element('paragraph', bold),
    element('bulletList', element('listItem', element('paragraph', new Y.XmlText('MRI')), element('paragraph', new Y.XmlText('with contrast')))),
    element('paragraph'),
  ])
  bold.insert(0, 'Stop ')
  bold.insert(5, 'aspirin', { bold: {} })
  expect(plainText(fragment)).toBe('Today\nStop aspirin\n- MRI\n  with contrast\n')
})

test('a line break stays a line break', () => {
  const fragment = new Y.Doc().getXmlFragment('plan')
  fragment.insert(0, [element('paragraph', new Y.XmlText('a'), element('hardBreak'), new Y.XmlText('b'))])
  expect(plainText(fragment)).toBe('a\nb')
})

test('an empty section is an empty text', () => {
  expect(plainText(new Y.Doc().getXmlFragment('plan'))).toBe('')
})
