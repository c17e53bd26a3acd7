import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { mapOf } from '../src/case/head'
import { Past } from '../src/history/past'
import { mendPassage, planRestore, readLive, type Wanted } from '../src/history/restore'
import { readMap, readSection } from '../src/history/walk'

/** A live document that two people write, and its past. */
function house() {
  const past = new Past()
  let seq = 0
  const [mine, theirs] = [new Y.Doc(), new Y.Doc()]
  const join = (from: Y.Doc, to: Y.Doc, who: string): void => {
    from.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === 'net') return
      past.take({ seq: ++seq, author: who, at: seq, update })
      Y.applyUpdate(to, update, 'net')
    })
  }
  join(mine, theirs, 'me')
  join(theirs, mine, 'they')
  const add = (doc: Y.Doc, section: string, text: string, at = -1): void => {
    const fragment = doc.getXmlFragment(section)
    doc.transact(() => {
      const block = new Y.XmlElement('paragraph')
      block.insert(0, [new Y.XmlText(text)])
      fragment.insert(at === -1 ? fragment.length : at, [block])
    })
  }
  const said = (section: string, doc = mine): string => doc.getXmlFragment(section).toString().replaceAll('paragraph', 'p')
  const stood = (at: number, ...sections: string[]): Wanted => ({
    sections: new Map(sections.map((name) => [name, readSection(past, name, { from: at, to: at })])),
    head: null,
  })
  return { past, mine, theirs, add, said, stood, head: () => seq }
}

describe('restoring [HIS-11]', () => {
  it('brings a section back as an edit like any other: others see it, and it is journalled', () => {
    const { mine, theirs, add, said, stood, head } = house()
    add(mine, 'plan', 'one')
    add(theirs, 'plan', 'two')
    const then = head()
    theirs.getXmlFragment('plan').delete(0, 1)
    add(theirs, 'plan', 'three')
    const before = head()
    const plan = planRestore(mine, stood(then, 'plan'))
    expect([plan.removed, plan.added, head()]).toEqual([1, 1, before]) // nothing is done yet
    plan.apply()
    expect(said('plan')).toBe('<p>one</p><p>two</p>')
    expect(said('plan', theirs)).toBe(said('plan'))
    expect(head()).toBe(before + 1)
  })

  it('leaves blocks that did not change untouched, so that their authors and carets stay', () => {
    const { mine, theirs, add, stood, head } = house()
    for (const text of ['a', 'b', 'c', 'd']) add(theirs, 'plan', text)
    const then = head()
    const ids = readLive(mine.getXmlFragment('plan')).map((part) => (part.kind === 'node' ? part.id : ''))
    mine.getXmlFragment('plan').delete(1, 1)
    planRestore(mine, stood(then, 'plan')).apply()
    const after = readLive(mine.getXmlFragment('plan')).map((part) => (part.kind === 'node' ? part.id : ''))
    expect([after[0], after[2], after[3]]).toEqual([ids[0], ids[2], ids[3]])
    expect(after[1]).not.toBe(ids[1])
  })

  it('can be taken back, and what others wrote meanwhile stays', () => {
    const { mine, theirs, add, said, stood, head } = house()
    add(mine, 'plan', 'old')
    const then = head()
    mine.getXmlFragment('plan').delete(0, 1)
    add(mine, 'plan', 'new')
    const undo = planRestore(mine, stood(then, 'plan')).apply()
    add(theirs, 'plan', 'theirs', 0)
    expect(said('plan')).toBe('<p>theirs</p><p>old</p>')
    undo.undo()
    expect(said('plan')).toBe('<p>theirs</p><p>new</p>')
    expect(said('plan', theirs)).toBe(said('plan'))
    undo.redo()
    expect(said('plan')).toBe('<p>theirs</p><p>old</p>')
  })

  it('keeps what others wrote behind it in its place when it is taken back', () => {
    const { mine, theirs, add, said, stood, head } = house()
    add(mine, 'plan', 'old')
    const then = head()
    mine.getXmlFragment('plan').delete(0, 1)
    add(mine, 'plan', 'new')
    const undo = planRestore(mine, stood(then, 'plan')).apply()
    add(theirs, 'plan', 'since')
    undo.undo()
    expect(said('plan')).toBe('<p>new</p><p>since</p>')
    expect(said('plan', theirs)).toBe(said('plan'))
  })

  it('brings back marks, attributes, lists, tables and the head of the whole record', () => {
    const { past, mine, theirs, said, stood, head } = house()
    mine.transact(() => {
      const item = new Y.XmlElement('taskItem')
      item.setAttribute('checked', 'true')
      const paragraph = new Y.XmlElement('paragraph')
      const text = new Y.XmlText('give heparin')
      text.format(5, 7, { bold: {}, link: { href: 'https://example.org' } })
      paragraph.insert(0, [text, new Y.XmlElement('hardBreak'), new Y.XmlText('now')])
      item.insert(0, [paragraph])
      const list = new Y.XmlElement('taskList')
      list.insert(0, [item])
      mine.getXmlFragment('plan').insert(0, [list])
      mapOf(mine).set('question', 'PE?')
    })
    const [then, looked] = [head(), said('plan')]
    theirs.transact(() => {
      theirs.getXmlFragment('plan').delete(0, 1)
      mapOf(theirs).set('question', 'Other?')
      mapOf(theirs).set('sex', 'female')
    })
    const fields = new Map([...readMap(past, 'head', { from: then, to: then })].map(([key, { after }]) => [key, after]))
    const plan = planRestore(mine, { ...stood(then, 'plan', 'summary'), head: fields })
    expect([plan.removed, plan.added]).toEqual([2, 2])
    plan.apply()
    expect(said('plan')).toBe(looked)
    expect(said('plan', theirs)).toBe(looked)
    expect(theirs.getMap('head').toJSON()).toEqual({ question: 'PE?' })
  })

  it('does nothing at all when all stands as it stood', () => {
    const { mine, add, stood, head } = house()
    add(mine, 'plan', 'same')
    const plan = planRestore(mine, stood(head(), 'plan'))
    const before = head()
    plan.apply()
    expect([plan.removed, plan.added, head()]).toEqual([0, 0, before])
  })

  it('puts a passage where it was among what is there now', () => {
    const { past, mine, theirs, add, said, head } = house()
    for (const text of ['a', 'b', 'c']) add(mine, 'plan', text)
    const stood = readSection(past, 'plan', { from: head(), to: head() })
    theirs.getXmlFragment('plan').delete(1, 1)
    add(theirs, 'plan', 'new', 0)
    const c = mine.getXmlFragment('plan').get(2)
    if (c instanceof Y.XmlElement && c.get(0) instanceof Y.XmlText) {
      const text = c.get(0)
      if (text instanceof Y.XmlText) text.insert(1, ' changed')
    }
    const chosen = new Set(stood.slice(1, 2).map((part) => (part.kind === 'node' ? part.id : '')))
    const target = mendPassage(readLive(mine.getXmlFragment('plan')), stood, chosen)
    const plan = planRestore(mine, { sections: new Map([['plan', target]]), head: null })
    expect([plan.removed, plan.added]).toEqual([0, 1])
    plan.apply()
    expect(said('plan')).toBe('<p>new</p><p>a</p><p>b</p><p>c changed</p>')
    const third = new Set(stood.slice(2).map((part) => (part.kind === 'node' ? part.id : '')))
    const replaced = mendPassage(readLive(mine.getXmlFragment('plan')), stood, third)
    planRestore(mine, { sections: new Map([['plan', replaced]]), head: null }).apply()
    expect(said('plan')).toBe('<p>new</p><p>a</p><p>b</p><p>c</p>')
  })
})
