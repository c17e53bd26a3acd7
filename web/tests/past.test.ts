import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { type Part, readMap, readSection } from '../src/history/walk'
import { Desk } from './devices'

describe('a past [HIS-9]', () => {
  it('reads any moment as it stood', () => {
    const desk = new Desk()
    desk.paragraph('ada', 'Start heparin')
    desk.text('ada').insert(5, ' low-dose')
    desk.text('ada').delete(0, 5)
    const stood = ['', 'Start heparin', 'Start low-dose heparin', ' low-dose heparin']
    stood.forEach((text, seq) => expect(desk.read({ from: seq, to: seq })).toBe(text))
  })

  it('tells who brought and who took away, letter by letter', () => {
    const desk = new Desk()
    desk.paragraph('ada', 'no fever')
    desk.text('ben').delete(0, 3)
    desk.text('ben').insert(5, ' since noon')
    desk.text('ada').insert(16, '!')
    expect(desk.read({ from: 1, to: 4 })).toBe('[ben-no ]fever[ben+ since noon][ada+!]')
    expect(desk.read({ from: 2, to: 3 })).toBe('fever[ben+ since noon]')
    expect(desk.read({ from: 0, to: 4 })).toBe('(ada+[ada+fever][ben+ since noon][ada+!])')
  })

  it('says nothing of what came and went in between', () => {
    const desk = new Desk()
    desk.paragraph('ada', 'ab')
    desk.text('ben').insert(1, 'wrong')
    desk.text('ada').delete(1, 5)
    expect(desk.read({ from: 1, to: 3 })).toBe('ab')
  })

  it('gives what two wrote apart to each of them, after they met again', () => {
    const desk = new Desk()
    desk.paragraph('ada', 'common')
    desk.device('ben')
    desk.offline('ben')
    desk.text('ben').insert(6, ' by ben')
    desk.text('ben').delete(0, 3)
    desk.text('ada').insert(0, 'by ada ')
    desk.online('ben')
    expect(desk.read({ from: 1, to: desk.seq })).toBe('[ada+by ada ][ben-com]mon[ben+ by ben]')
    expect(desk.text('ada').toString()).toBe(desk.text('ben').toString())
  })

  it('knows whose it is when a gap is filled by a later entry', () => {
    const desk = new Desk()
    desk.paragraph('ada', 'x')
    const ben = desk.device('ben')
    desk.offline('ben')
    const parts: Uint8Array[] = []
    ben.on('update', (update: Uint8Array, origin: unknown) => origin !== 'net' && parts.push(update))
    desk.text('ben').insert(1, 'one')
    desk.text('ben').insert(4, 'two')
    const [first, second] = parts
    if (first === undefined || second === undefined) throw new Error('two edits')
    desk.send('ben', second) // its predecessor is missing
    desk.text('ada').insert(0, 'y')
    desk.send('ben', first)
    expect(desk.read({ from: 1, to: desk.seq })).toBe('[ada+y]x[ben+onetwo]')
  })

  it('shows paragraphs that came and went, with what was in them', () => {
    const desk = new Desk()
    desk.paragraph('ada', 'first')
    desk.paragraph('ada', 'second')
    desk.device('ben').getXmlFragment('plan').delete(0, 1)
    desk.paragraph('ben', 'third')
    expect(desk.read({ from: 2, to: 4 })).toBe('(ben-[ben-first])|second|(ben+[ben+third])')
    expect(desk.read({ from: 2, to: 2 })).toBe('first|second')
  })

  it('hides what was typed into a paragraph that another person took away meanwhile', () => {
    const desk = new Desk()
    desk.paragraph('ada', 'gone')
    desk.device('ben')
    desk.offline('ben')
    desk.text('ben').insert(4, ' unseen')
    desk.device('ada').getXmlFragment('plan').delete(0, 1)
    desk.online('ben')
    expect(desk.read({ from: desk.seq, to: desk.seq })).toBe('')
    expect(desk.read({ from: 1, to: desk.seq })).toBe('(ada-[ada-gone])')
  })

  it('tells of bold that was put on and taken off, and keeps the words', () => {
    const desk = new Desk()
    desk.paragraph('ada', 'give no heparin')
    desk.text('ben').format(5, 2, { bold: {} })
    expect(desk.read({ from: 1, to: 2 })).toBe('give [ben~<bold no>] heparin')
    expect(desk.read({ from: 2, to: 2 })).toBe('give <bold no> heparin')
    desk.text('ada').format(5, 2, { bold: null })
    expect(desk.read({ from: 2, to: 3 })).toBe('give [ada~no] heparin')
    expect(desk.read({ from: 1, to: 3 })).toBe('give no heparin')
  })

  it('tells of a box that was ticked and a heading that became another', () => {
    const desk = new Desk()
    const doc = desk.device('ada')
    const item = new Y.XmlElement('taskItem')
    doc.transact(() => {
      item.setAttribute('checked', 'false')
      const paragraph = new Y.XmlElement('paragraph')
      paragraph.insert(0, [new Y.XmlText('blood culture')])
      item.insert(0, [paragraph])
      doc.getXmlFragment('plan').insert(0, [item])
    })
    const his = desk.device('ben').getXmlFragment('plan').get(0)
    if (!(his instanceof Y.XmlElement)) throw new Error('no item')
    his.setAttribute('checked', 'true')
    expect(desk.read({ from: 1, to: 2 })).toBe('(ben~taskItem checked=true blood culture)')
    expect(desk.read({ from: 1, to: 1 })).toBe('taskItem checked=false blood culture')
  })

  it('reads the head of a moment, and who changed it', () => {
    const desk = new Desk()
    desk.device('ada').getMap('head').set('question', 'PE?')
    desk.device('ben').getMap('head').set('question', 'Embolism?')
    desk.device('ada').getMap('head').set('sex', 'female')
    desk.device('ben').getMap('head').delete('sex')
    const at = (from: number, to: number): unknown => Object.fromEntries(readMap(desk.past, 'head', { from, to }))
    expect(at(1, 1)).toEqual({ question: { before: 'PE?', after: 'PE?', change: null } })
    expect(at(1, 2)).toEqual({ question: { before: 'PE?', after: 'Embolism?', change: { kind: 'in', who: 'ben', at: 2000 } } })
    expect(at(3, 4)).toMatchObject({ sex: { before: 'female', after: undefined, change: { kind: 'out', who: 'ben' } } })
  })

  it('passes over what it cannot show: types of other clients, collected words, embeds without a name', () => {
    const desk = new Desk()
    desk.paragraph('ada', 'known')
    const doc = desk.device('eve')
    doc.transact(() => {
      const strange = new Y.XmlElement('hologram')
      strange.insert(0, [new Y.XmlText('inside')])
      doc.getXmlFragment('plan').push([strange])
    })
    doc.getXmlFragment('plan').delete(1, 1)
    const gone = new Y.Doc()
    gone.clientID = 77
    const fragment = gone.getXmlFragment('plan')
    gone.transact(() => fragment.insert(0, [new Y.XmlElement('paragraph')]))
    gone.transact(() => fragment.delete(0, 1))
    desk.send('eve', Y.encodeStateAsUpdate(gone)) // collected before it was sent
    desk.text('ada').insertEmbed(0, { image: 'x' })
    expect(desk.read({ from: 2, to: 2 })).toBe('known|hologram inside')
    expect(desk.read({ from: 2, to: desk.seq })).toBe('[]'.slice(2) + '(ada+embed )known|(eve-hologram [eve-inside])')
  })

  it('agrees at every moment with a replica that stopped there, whatever two people do', () => {
    let seed = 7
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return Math.floor((seed / 2_147_483_648) * below)
    }
    for (let round = 0; round < 12; round++) {
      const desk = new Desk()
      const stood: string[] = ['']
      const plain = (): string => {
        const whole = new Y.Doc()
        Y.applyUpdate(whole, Y.encodeStateAsUpdate(desk.past.doc))
        return whole.getXmlFragment('plan').toString().replaceAll(/<[^>]*>/g, '')
      }
      desk.paragraph('ada', 'begin')
      stood[desk.seq] = plain()
      desk.device('ben')
      for (let step = 0; step < 40; step++) {
        const who = random(2) === 0 ? 'ada' : 'ben'
        const fragment = desk.device(who).getXmlFragment('plan')
        const block = random(Math.max(1, fragment.length))
        if (random(9) === 0 && fragment.length > 1) fragment.delete(block, 1)
        else if (random(6) === 0) desk.paragraph(who, 'new ', block)
        else {
          const text = desk.text(who, block)
          if (random(3) === 0 && text.length > 3) text.delete(random(text.length - 2), 2)
          else text.insert(random(text.length + 1), 'word ')
        }
        stood[desk.seq] = plain()
        if (random(12) === 0) desk.offline('ben')
        if (random(6) === 0) {
          desk.online('ben')
          stood[desk.seq] = plain()
        }
      }
      const words = (parts: readonly Part[]): string => parts.map((part) => (part.kind === 'text' ? part.text : words(part.children))).join('')
      expect(desk.seq).toBeGreaterThan(20)
      for (let seq = 0; seq <= desk.seq; seq++) {
        expect(words(readSection(desk.past, 'plan', { from: seq, to: seq }))).toBe(stood[seq])
      }
    }
  })
})
