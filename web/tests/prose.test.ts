import { expect, test } from 'vitest'
import { byLanguage } from '../src/templates/languages'
import { readNode, readSections, said, sameSections, saysSomething } from '../src/templates/prose'

const word = (text: string, ...marks: object[]): object => ({ type: 'text', text, ...(marks.length === 0 ? {} : { marks }) })
const paragraph = (...content: object[]): object => ({ type: 'paragraph', ...(content.length === 0 ? {} : { content }) })
const doc = (...content: object[]): object => ({ type: 'doc', content })

test('[LST-16] of what the editor says only that is kept which the server takes', () => {
  const link = { type: 'link', attrs: { href: 'https://x.example', target: null, rel: null, class: null, title: 'x' } }
  const cell = { type: 'tableCell', attrs: { colspan: 2, rowspan: 1, colwidth: null, align: null }, content: [paragraph()] }
  const list = { type: 'orderedList', attrs: { start: 3, type: null }, content: [{ type: 'listItem', content: [paragraph(word('x', link))] }] }
  expect(readNode(doc(list, { type: 'table', content: [{ type: 'tableRow', content: [cell] }] }))).toEqual(
    doc(
      { type: 'orderedList', attrs: { start: 3 }, content: [{ type: 'listItem', content: [paragraph(word('x', { type: 'link', attrs: { href: 'https://x.example' } }))] }] },
      { type: 'table', content: [{ type: 'tableRow', content: [{ type: 'tableCell', attrs: { colspan: 2 }, content: [paragraph()] }] }] },
    ),
  )
})

test('[LST-16] what an editor writes out and another leaves out is the same', () => {
  const plain = readSections({ plan: doc({ type: 'orderedList', content: [{ type: 'listItem', content: [paragraph(word('a'))] }] }) })
  const full = readSections({
    summary: doc(paragraph()),
    plan: doc({ type: 'orderedList', attrs: { start: 1, type: null }, content: [{ type: 'listItem', content: [paragraph(word('a'))] }] }),
  })
  expect(sameSections(plain, full)).toBe(true)
  expect(Object.keys(said(full))).toEqual(['plan'])
  expect(sameSections(plain, readSections({ plan: doc(paragraph(word('b'))) }))).toBe(false)
})

test('what is no text of a record is not read as one', () => {
  expect(() => readNode({ type: 'text' })).toThrow()
  expect(() => readNode('words')).toThrow()
  const deep = Array.from({ length: 200 }).reduce<object>((inner) => ({ type: 'bulletList', content: [inner] }), paragraph())
  expect(() => readNode(deep)).toThrow()
  expect(saysSomething(readNode(doc(paragraph(), { type: 'table', content: [] })))).toBe(true)
  expect(saysSomething(readNode(doc(paragraph())))).toBe(false)
  expect(readSections({ unheard: doc() })).toEqual({})
})

test('[LST-15] the reader\'s language comes first, then its relatives', () => {
  const template = (language: string): Parameters<typeof byLanguage>[0][number] => ({
    ...{ id: language, language, name: language, about: '', isRetired: false, isDelivered: false, version: 1 },
  })
  const order = byLanguage(['de', 'en', 'es', 'es-MX', 'en'].map(template), 'es').map(({ language }) => language)
  expect(order).toEqual(['es', 'es-MX', 'de', 'en'])
})
