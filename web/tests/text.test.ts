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

test('[GAL-9] a figure is told by what it was called', () => {
  const fragment = new Y.Doc().getXmlFragment('plan')
  const figure = element('figure')
  figure.setAttribute('label', 'Chest X-ray')
  fragment.insert(0, [figure])
  expect(plainText(fragment)).toBe('[figure: Chest X-ray]')
})

test('a line break stays a line break', () => {
  const fragment = new Y.Doc().getXmlFragment('plan')
  fragment.insert(0, [element('paragraph', new Y.XmlText('a'), element('hardBreak'), new Y.XmlText('b'))])
  expect(plainText(fragment)).toBe('a\nb')
})

test('an empty section is an empty text', () => {
  expect(plainText(new Y.Doc().getXmlFragment('plan'))).toBe('')
})

test('a task has a box, a mention its name, a row of a table one line', () => {
  const fragment = new Y.Doc().getXmlFragment('plan')
  const task = element('taskItem', element('paragraph', new Y.XmlText('call')))
  const mention = element('mention')
  const cell = (words: string): Y.XmlElement => element('tableCell', element('paragraph', new Y.XmlText(words)))
  fragment.insert(0, [
    element('taskList', task),
    element('paragraph', new Y.XmlText('ask '), mention),
    element('table', element('tableRow', cell('Hb'), cell('92')), element('tableRow', cell('CRP'), cell('4'))),
  ])
  // @ts-expect-error yjs types attributes as strings; editors write booleans
  task.setAttribute('checked', true)
  mention.setAttribute('label', 'Ada')
  expect(plainText(fragment)).toBe('- [x] call\nask @Ada\nHb | 92\nCRP | 4')
})

test('[PAGE-11] every word can be read, wherever another client put it; what has no words is named', () => {
  const fragment = new Y.Doc().getXmlFragment('plan')
  const image = element('image')
  image.setAttribute('alt', 'CT, axial')
  const embed = new Y.XmlText()
  fragment.insert(0, [
    new Y.XmlText('bare'),
    element('table', element('tableRow', new Y.XmlText('Nimodipine 60 mg'), element('cell', element('paragraph', new Y.XmlText('six times'))))),
    element('table', new Y.XmlText('in no row')),
    element('callout', element('paragraph', new Y.XmlText('allergic'))),
    element('paragraph', new Y.XmlText('see '), image),
    element('video'),
    element('paragraph', embed),
  ])
  embed.insertEmbed(0, { formula: 'x' })
  expect(plainText(fragment)).toBe('bare\nNimodipine 60 mg | six times\nin no row\nallergic\nsee \n[image: CT, axial]\n[video]\n[…]')
})
