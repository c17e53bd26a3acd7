import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { Past } from '../src/history/past'
import { type Letters, lettersBetween, passagesOf } from '../src/history/whoWrote'
import { Desk } from './devices'

const leaf = (element: Y.XmlElement): string | null => (element.nodeName === 'mention' ? `@${String(element.getAttribute('label'))}` : null)

function record(): { fragment: Y.XmlFragment; text: Y.XmlText; ben: Y.Doc } {
  const [ada, ben] = [new Y.Doc(), new Y.Doc()]
  ada.clientID = 1
  ben.clientID = 2
  for (const [from, to] of [
    [ada, ben],
    [ben, ada],
  ] as const) {
    from.on('update', (update: Uint8Array, origin: unknown) => origin !== 'net' && Y.applyUpdate(to, update, 'net'))
  }
  const fragment = ada.getXmlFragment('plan')
  const text = new Y.XmlText('no fever')
  ada.transact(() => {
    const block = new Y.XmlElement('paragraph')
    block.insert(0, [text])
    const list = new Y.XmlElement('bulletList')
    const item = new Y.XmlElement('listItem')
    const inner = new Y.XmlElement('paragraph')
    const mention = new Y.XmlElement('mention')
    mention.setAttribute('label', 'Ben')
    inner.insert(0, [new Y.XmlText('ask '), mention, new Y.XmlText(' now')])
    item.insert(0, [inner])
    list.insert(0, [item])
    fragment.insert(0, [block, list])
  })
  return { fragment, text, ben }
}

const texts = (letters: readonly Letters[]): readonly string[] => letters.map(({ text }) => text)

describe('who wrote this [HIS-15]', () => {
  it('counts positions as the editor does: letters, leaves, and the edges of blocks', () => {
    const { fragment } = record()
    // <p>no fever</p> is 0…10, <ul><li><p>ask ·now</p></li></ul> goes on at 10: its first letter is at 13.
    expect(texts(lettersBetween(fragment, 1, 9, leaf))).toEqual(['no fever'])
    expect(texts(lettersBetween(fragment, 4, 7, leaf))).toEqual(['fev'])
    expect(texts(lettersBetween(fragment, 13, 22, leaf))).toEqual(['ask ', '@Ben', ' now'])
    expect(texts(lettersBetween(fragment, 17, 18, leaf))).toEqual(['@Ben'])
    expect(texts(lettersBetween(fragment, 8, 15, leaf))).toEqual(['r', 'as'])
    expect(texts(lettersBetween(fragment, 9, 13, leaf))).toEqual([])
  })

  it('tells the letters of two people apart, and passes over what was deleted', () => {
    const { fragment, text, ben } = record()
    const his = ben.getXmlFragment('plan').get(0)
    const words = his instanceof Y.XmlElement ? his.get(0) : null
    if (!(words instanceof Y.XmlText)) throw new Error('no text')
    words.insert(2, ' high')
    text.delete(0, 1)
    const found = lettersBetween(fragment, 1, 99, leaf)
    expect(found.slice(0, 3).map(({ client, text: said }) => [client, said])).toEqual([
      [1, 'o'],
      [2, ' high'],
      [1, ' fever'],
    ])
  })

  it('joins what one person wrote, over blocks too, and says from when until when', () => {
    const desk = new Desk()
    desk.paragraph('ada', 'ab')
    desk.text('ben').insert(2, 'cd')
    desk.paragraph('ben', 'ef')
    expect(passagesOf(desk.letters(), desk.past)).toEqual([
      { text: 'ab', by: { author: 'ada', first: 1, last: 1, movers: [] } },
      { text: 'cd\nef', by: { author: 'ben', first: 2, last: 3, movers: [] } },
    ])
  })

  it('says of what the journal does not have that it is not saved yet', () => {
    const desk = new Desk()
    desk.paragraph('ada', 'savi')
    desk.offline('ada')
    desk.text('ada').insert(4, 'ng')
    expect(passagesOf(desk.letters('ada'), desk.past).map(({ text, by }) => [text, by?.author])).toEqual([
      ['savi', 'ada'],
      ['ng', undefined],
    ])
    expect(passagesOf(desk.letters('ada'), new Past())).toEqual([{ text: 'saving', by: null }])
  })
})
