import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import type { Edit } from '../src/history/past'
import { newsOf } from '../src/history/since'

function house() {
  const doc = new Y.Doc()
  const journal: Edit[] = []
  let author = 'ada'
  doc.on('update', (update: Uint8Array) => journal.push({ seq: journal.length + 1, author, at: 0, update }))
  const as = (who: string, act: () => void): void => {
    author = who
    doc.transact(act)
  }
  const write = (section: string, words: string): void => {
    const block = new Y.XmlElement('paragraph')
    block.insert(0, [new Y.XmlText(words)])
    doc.getXmlFragment(section).push([block])
  }
  const told = (after: number, me: string): unknown => {
    const { people, places } = newsOf(doc, journal.slice(after), me)
    return [[...people].sort(), [...places].sort()]
  }
  return { doc, journal, as, write, told }
}

describe('what is new [HIS-14]', () => {
  it('names those who changed something and where, the reader left out', () => {
    const { doc, journal, as, write, told } = house()
    as('ada', () => write('plan', 'a'))
    const seen = journal.length
    as('ben', () => write('plan', 'b'))
    as('cleo', () => write('imaging', 'c'))
    as('ada', () => write('outcome', 'mine'))
    as('ben', () => doc.getMap('head').set('question', 'PE?'))
    expect(told(seen, 'ada')).toEqual([['ben', 'cleo'], ['head', 'imaging', 'plan']])
    expect(told(journal.length, 'ada')).toEqual([[], []])
  })

  it('counts what was taken away, and not what came and went meanwhile', () => {
    const { doc, journal, as, write, told } = house()
    as('ada', () => write('plan', 'stays'))
    as('ada', () => write('history', 'goes'))
    const seen = journal.length
    as('ben', () => write('imaging', 'for a moment'))
    as('ben', () => doc.getXmlFragment('imaging').delete(0, 1))
    expect(told(seen, 'ada')).toEqual([[], []])
    as('ben', () => doc.getXmlFragment('history').delete(0, 1))
    expect(told(seen, 'ada')).toEqual([['ben'], ['history']])
  })

  it('passes over edits that the record does not have yet', () => {
    const { told, journal, as, write } = house()
    as('ben', () => write('plan', 'here'))
    const elsewhere = new Y.Doc()
    elsewhere.clientID = 4711
    elsewhere.getXmlFragment('plan').push([new Y.XmlElement('paragraph')])
    journal.push({ seq: 2, author: 'cleo', at: 0, update: Y.encodeStateAsUpdate(elsewhere) })
    expect(told(0, 'ada')).toEqual([['ben'], ['plan']])
  })
})
