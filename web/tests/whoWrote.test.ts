import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import type { Answer } from '../src/api'
import type { Attributed, Author, Written } from '../src/history/api'
import { askAuthors, type Letters, lettersBetween, passagesOf } from '../src/history/whoWrote'

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

const author = (id: string): Author => ({ id, name: id, color: '#000000' })
const run = (client: number, start: number, end: number, who: string, at = 0): Written => ({ client, start, end, author: author(who), since: at, until: at })
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
    const letters: readonly Letters[] = [
      { client: 1, start: 0, end: 4, text: 'abcd', isFresh: true },
      { client: 3, start: 0, end: 2, text: 'ef', isFresh: true },
    ]
    const found = passagesOf(letters, [run(1, 0, 2, 'ada', 5), run(1, 2, 9, 'ben', 6), run(3, 0, 9, 'ben', 2)])
    expect(found).toEqual([
      { text: 'ab', by: { author: author('ada'), since: 5, until: 5 } },
      { text: 'cd\nef', by: { author: author('ben'), since: 2, until: 6 } },
    ])
  })

  it('says of what the server does not have that it is not saved yet', () => {
    const letters: readonly Letters[] = [{ client: 1, start: 10, end: 16, text: 'saving', isFresh: true }]
    expect(passagesOf(letters, [run(1, 0, 14, 'ada')]).map(({ text, by }) => [text, by?.author.id])).toEqual([
      ['savi', 'ada'],
      ['ng', undefined],
    ])
    expect(passagesOf(letters, [])).toEqual([{ text: 'saving', by: null }])
  })

  it('asks in portions, waits for a long history to be read, and turns pages', async () => {
    const letters = Array.from({ length: 250 }, (_, at): Letters => ({ client: at, start: 0, end: 1, text: 'x', isFresh: false }))
    const asked: (readonly [number, string | null])[] = []
    const answers: Partial<Attributed>[] = [{ reached: 4 }, { next: '7.0' }, {}, {}]
    const shares: number[] = []
    const ask = (parts: readonly Letters[], after: string | null): Promise<Answer<Attributed>> => {
      asked.push([parts.length, after])
      return Promise.resolve({ ok: true, value: { reached: 10, head: 10, runs: [run(asked.length, 0, 1, 'ada')], next: null, ...answers.shift() } })
    }
    const found = await askAuthors(letters, ask, (share) => shares.push(share))
    expect(asked).toEqual([
      [200, null],
      [200, null],
      [200, '7.0'],
      [50, null],
    ])
    expect(shares[0]).toBe(0.4)
    expect('kind' in found ? [] : found.map(({ client }) => client)).toEqual([2, 3, 4])
    const down = { kind: 'unreachable', title: 'down' } as const
    expect(await askAuthors(letters, () => Promise.resolve({ ok: false, problem: down }), () => undefined)).toBe(down)
  })
})
