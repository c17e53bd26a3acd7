import { baseKeymap, setBlockType, splitBlock, toggleMark } from '@tiptap/pm/commands'
import { Fragment, Slice } from '@tiptap/pm/model'
import { wrapInList } from '@tiptap/pm/schema-list'
import type { Command } from '@tiptap/pm/state'
import { initProseMirrorDoc } from '@tiptap/y-tiptap'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { LEAST, SURE } from '../src/history/cuts'
import { passagesOf } from '../src/history/whoWrote'
import { editIn, schema } from './binding'
import { Desk } from './devices'

function edit(desk: Desk, who: string, from: number, to: number, ...commands: Command[]): void {
  editIn(desk.device(who), 'plan', from, to, ...commands)
}

const node = (name: string) => {
  const type = schema.nodes[name]
  if (type === undefined) throw new Error(name)
  return type
}
const enter = splitBlock
const remove: Command = (state, dispatch) => (dispatch?.(state.tr.deleteSelection()), true)
const insert =
  (text: string): Command =>
  (state, dispatch) => (dispatch?.(state.tr.insertText(text)), true)

const DOSE = 'Give heparin 5000 units.'
const MORE = 'Check the platelets on day three.'

describe('who wrote what was moved [HIS-17]', () => {
  it('keeps the writer of a paragraph that somebody splits, joins, or turns into something else, however short', () => {
    const desk = new Desk()
    desk.paragraph('ada', `${DOSE}5 mg`)
    edit(desk, 'ben', 1 + DOSE.length, 1 + DOSE.length, enter)
    expect(desk.passages()).toBe(`ada(${DOSE}) ada>ben(5 mg)`)
    edit(desk, 'ben', 3 + DOSE.length, 3 + DOSE.length, setBlockType(node('heading'), { level: 3 }))
    expect(desk.passages()).toBe(`ada(${DOSE}) ada>ben(5 mg)`)
    edit(desk, 'ben', 1, 1, wrapInList(node('bulletList')))
    expect(desk.passages()).toBe(`ada>ben(${DOSE}\n5 mg)`)
    const joined = new Desk()
    joined.paragraph('ada', 'Stop it.')
    joined.paragraph('ada', 'x')
    edit(joined, 'ben', 11, 11, baseKeymap['Backspace'] ?? remove)
    expect(joined.passages()).toBe('ada(Stop it.) ada>ben(x)')
  })

  it('does not guess which of two cells that say the same came back where', () => {
    const moved = (said: string, ...people: string[]): string => {
      const desk = new Desk()
      for (const who of people) desk.paragraph(who, said)
      edit(desk, 'ben', 1, 2 * said.length + 6, wrapInList(node('bulletList')))
      return desk.passages()
    }
    for (const said of ['+', 'none']) {
      expect(moved(said, 'ada', 'cleo', 'ada')).toBe(`ben(${said}\n${said}\n${said})`)
      expect(moved(said, 'ada', 'ada', 'ada')).toBe(`ada>ben(${said}\n${said}\n${said})`)
    }
  })

  it('tells apart the writers of one moved passage, and what the mover added', () => {
    const desk = new Desk()
    desk.paragraph('ada', 'Give heparin ')
    desk.text('cleo').insert(13, 'unless she bleeds')
    desk.text('ada').insert(13, '5000 units ')
    edit(desk, 'ben', 6, 6, insert('no '), enter)
    expect(desk.passages()).toBe('ada(Give ) ben(no ) ada>ben(heparin 5000 units ) cleo>ben(unless she bleeds)')
  })

  it('names everybody who moved it, each once, and not the writer who moved it too', () => {
    const desk = new Desk()
    desk.paragraph('ada', DOSE)
    for (const who of ['ben', 'cleo', 'ada', 'ben']) {
      const isHeading = desk.device(who).getXmlFragment('plan').toString().startsWith('<heading')
      edit(desk, who, 1, 1, isHeading ? setBlockType(node('paragraph')) : setBlockType(node('heading'), { level: 3 }))
    }
    expect(desk.passages()).toBe(`ada>cleo>ben(${DOSE})`)
  })

  it('follows a passage that is cut in one edit and pasted in a later one, once', () => {
    const desk = new Desk()
    desk.paragraph('ada', `${DOSE} ${MORE}`)
    edit(desk, 'ben', 1, 1 + DOSE.length, remove)
    desk.text('cleo').insert(0, '!')
    edit(desk, 'ben', 3 + MORE.length, 3 + MORE.length, insert(DOSE))
    expect(desk.passages()).toBe(`cleo(!) ada( ${MORE}) ada>ben(${DOSE})`)
    edit(desk, 'ben', 1, 1, insert(DOSE))
    expect(desk.passages()).toBe(`ben(${DOSE}) cleo(!) ada( ${MORE}) ada>ben(${DOSE})`)
  })

  it('gives what undo brings back to who wrote it, were it two letters', () => {
    for (const said of ['5 mg', 'no', MORE]) {
      const desk = new Desk()
      desk.paragraph('ada', `${said} heparin`)
      const undo = new Y.UndoManager(desk.device('ben').getXmlFragment('plan'), { captureTimeout: 60_000 })
      for (let at = said.length; at > 0; at--) desk.text('ben').delete(at - 1, 1)
      desk.text('ada').insert(8, ' now')
      expect(desk.passages()).toBe('ada( heparin now)')
      undo.undo()
      expect(desk.passages()).toBe(`ada>ben(${said}) ada( heparin now)`)
      undo.redo()
      undo.undo()
      expect(desk.passages()).toBe(`ada>ben(${said}) ada( heparin now)`)
    }
  })

  it('gives what is copied, typed again, or put back by somebody else to who put it there', () => {
    const desk = new Desk()
    desk.paragraph('ada', DOSE)
    desk.paragraph('ben', DOSE)
    expect(desk.passages()).toBe(`ada(${DOSE}) ben(\n${DOSE})`.replace('(\n', '('))
    desk.text('ben').delete(5, 7)
    for (const [at, letter] of [...'heparin'].entries()) desk.text('ben').insert(5 + at, letter)
    expect(desk.passages()).toBe(`ada(Give ) ben(heparin) ada( 5000 units.) ben(${DOSE})`)
    desk.text('ada').delete(5, 7)
    desk.text('cleo').insert(5, 'heparin')
    expect(desk.passages()).toBe(`ada(Give ) cleo(heparin) ada( 5000 units.) ben(${DOSE})`)
  })

  it('asks for more letters where less speaks for it', () => {
    const long = 'abcdefghijklmnopqrstuvwxyz'
    const pasted = (said: string, taken = long): string => {
      const desk = new Desk()
      desk.paragraph('ada', `${taken}.`)
      desk.text('ben').delete(0, taken.length)
      desk.paragraph('ben', said)
      return desk.passages()
    }
    expect(pasted(`-${long.slice(3, 3 + SURE)}-`)).toBe(`ada(.) ben(-) ada>ben(${long.slice(3, 3 + SURE)}) ben(-)`)
    expect(pasted(`-${long.slice(3, 2 + SURE)}-`)).toBe(`ada(.) ben(-${long.slice(3, 2 + SURE)}-)`)
    expect(pasted(long.slice(0, LEAST), long.slice(0, LEAST))).toBe(`ada(.) ada>ben(${long.slice(0, LEAST)})`)
    expect(pasted(long.slice(1, LEAST), long.slice(1, LEAST))).toBe(`ada(.) ben(${long.slice(1, LEAST)})`)
  })

  it('shows the mover of every word of a sentence that a hostile client makes of another one’s', () => {
    const desk = new Desk()
    desk.paragraph('ada', 'We should not give heparin today. If she stops bleeding we can think about it again tomorrow.')
    const doc = desk.device('eve')
    doc.transact(() => {
      const text = desk.text('eve')
      text.delete(0, text.length)
      const made = new Y.XmlElement('paragraph')
      made.insert(0, [new Y.XmlText('We should give heparin today. think about it again tomorrow.')])
      doc.getXmlFragment('plan').insert(0, [made])
    })
    expect(desk.passages()).toBe('eve(We should) ada>eve( give heparin today.) ada>eve( think about it again tomorrow.)'.replace(') ada>eve( think', ' think'))
    // The comparison says so too: nothing of it is underlined as Ada's alone.
    expect(desk.read({ from: 1, to: 2 })).toContain('[ada>eve+ give heparin today.')
    expect(desk.read({ from: 1, to: 2 })).not.toContain('[ada+')
    // Who moves it on in good faith does not wash that off.
    edit(desk, 'ben', 1, 1, setBlockType(node('heading'), { level: 3 }))
    expect(desk.passages()).toBe('eve>ben(We should) ada>eve>ben( give heparin today. think about it again tomorrow.)')
  })

  it('says of words that come with somebody else’s entry, since they waited, whose they are', () => {
    const desk = new Desk()
    desk.paragraph('ada', `${DOSE} ${MORE}`)
    desk.text('eve').delete(0, DOSE.length)
    const ben = desk.device('ben')
    desk.offline('ben')
    const parts: Uint8Array[] = []
    ben.on('update', (update: Uint8Array, origin: unknown) => origin !== 'net' && parts.push(update))
    desk.text('ben').insert(0, 'x')
    desk.paragraph('ben', DOSE)
    const [first, second] = parts
    if (first === undefined || second === undefined) throw new Error('two edits')
    desk.send('ben', second)
    desk.send('eve', first) // Eve took these words away; that Ben's come with her entry does not make her their mover
    expect(desk.passages()).toBe(`ben(x) ada( ${MORE}) ben(${DOSE})`)
  })

  it('marks words bold without a new writer', () => {
    const desk = new Desk()
    desk.paragraph('ada', DOSE)
    const bold = schema.marks['bold']
    if (bold === undefined) throw new Error('no bold')
    edit(desk, 'ben', 6, 13, toggleMark(bold))
    expect(desk.passages()).toBe(`ada(${DOSE})`)
    edit(desk, 'ben', 8, 8, enter)
    expect(desk.passages()).toBe('ada(Give he) ada>ben(parin 5000 units.)')
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('says of every letter whose it is, invents no writer, and credits nobody with more than they wrote (%i)', (seed) => {
    const random = randomly(seed)
    const desk = new Desk()
    const people = ['ada', 'ben', 'cleo', 'dora']
    desk.paragraph('ada', 'Begin. ')
    people.forEach((who) => desk.device(who))
    const sayings: string[] = []
    let clipboard = ''
    for (let step = 0; step < 120; step++) {
      const who = people[random(3)] ?? 'ada'
      const { doc } = initProseMirrorDoc(desk.device(who).getXmlFragment('plan'), schema)
      const places: number[] = []
      doc.descendants((each, at) => void (each.isText && places.push(...Array.from({ length: each.nodeSize + 1 }, (_, in_) => at + in_))))
      const [a, b] = [places[random(places.length)] ?? 1, places[random(places.length)] ?? 1].sort((x, y) => x - y)
      const [from, to] = [a ?? 1, b ?? 1]
      switch (random(8)) {
        case 0:
          edit(desk, who, from, from, enter)
          break
        case 1:
          edit(desk, who, from, from, setBlockType(node(random(2) === 0 ? 'heading' : 'paragraph'), {}))
          break
        case 2:
          edit(desk, who, from, from, wrapInList(node('bulletList')))
          break
        case 3: // Dora writes nothing herself, and pastes what she cut as often as she likes
          if (to - from < 40) break
          clipboard = doc.textBetween(from, Math.min(to, from + 60))
          edit(desk, 'dora', from, Math.min(to, from + 60), remove)
          break
        case 4:
          if (clipboard !== '') edit(desk, 'dora', from, from, insert(clipboard))
          break
        case 5:
          edit(desk, who, from, Math.min(to, from + 3), (state, dispatch) => (dispatch?.(state.tr.replaceSelection(new Slice(Fragment.empty, 0, 0))), true))
          break
        default:
          sayings.push(` ${who} writes ${'abcdefgh'.slice(random(8))}${step}.`)
          edit(desk, who, from, from, insert(sayings.at(-1) ?? ''))
      }
    }
    const [told, moved] = [new Tally(), new Tally()]
    for (const { client, start, end } of desk.letters()) {
      for (const { from, until, origin } of desk.past.piecesOf(client, start, end)) {
        const author = origin === null ? desk.past.owner(client) : origin.author
        expect(people).toContain(author)
        expect(origin?.movers.map(({ who }) => who) ?? []).not.toContain(author)
        told.add(author, until - from)
        if (origin !== null) moved.add(author, until - from)
      }
    }
    const text = desk.letters().reduce((said, letters) => said + letters.text, '')
    expect(told.all).toBe(text.length)
    expect(moved.all).toBeGreaterThan(0)
    const theirs = passagesOf(desk.letters(), desk.past).filter(({ text, by }) => sayings.some((said) => text.includes(said) && by?.author === said.split(' ')[1]))
    expect(theirs.length).toBeGreaterThan(0)
    for (const said of sayings) {
      const times = theirs.reduce((sum, { text, by }) => sum + (by?.author === said.split(' ')[1] ? text.split(said).length - 1 : 0), 0)
      expect(times).toBeLessThanOrEqual(1) // however often it was pasted
    }
  })
})

/** How many letters of each. */
class Tally {
  readonly #counts = new Map<string | null, number>()

  add(who: string | null, count: number): void {
    this.#counts.set(who, this.of(who) + count)
  }

  of(who: string | null): number {
    return this.#counts.get(who) ?? 0
  }

  get all(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0)
  }
}

function randomly(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * below)
  }
}
