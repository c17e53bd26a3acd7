import { setBlockType } from '@tiptap/pm/commands'
import { ySyncPluginKey } from '@tiptap/y-tiptap'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { plainText } from '../src/sync/text'
import { Undoing } from '../src/sync/undoing'
import { editIn, schema } from './binding'

/** Two people, each with a document and what they can take back; what one writes the other has at once. */
function pair() {
  const docs = [new Y.Doc(), new Y.Doc()] as const
  const [mine, theirs] = docs
  const share = (from: Y.Doc, to: Y.Doc): void => void from.on('update', (update: Uint8Array, origin: unknown) => origin !== 'net' && Y.applyUpdate(to, update, 'net'))
  share(mine, theirs)
  share(theirs, mine)
  const piles = docs.map((doc) => {
    const pile = new Undoing(doc, ['summary', 'plan'])
    pile.addTrackedOrigin(ySyncPluginKey)
    return pile
  })
  const [undoing] = piles
  if (undoing === undefined) throw new Error('no pile')
  return { mine, theirs, undoing, said: (section: string, doc = mine) => plainText(doc.getXmlFragment(section)) }
}

/** As an editor writes: in one step, which ends here, with the origin of the editors' binding. */
function write(doc: Y.Doc, section: string, words: string, at = 0): void {
  doc.transact(() => {
    const made = new Y.XmlElement('paragraph')
    made.insert(0, [new Y.XmlText(words)])
    doc.getXmlFragment(section).insert(at, [made])
  }, ySyncPluginKey)
}

function textIn(doc: Y.Doc, section: string, at = 0): Y.XmlText {
  const block = doc.getXmlFragment(section).get(at)
  const text = block instanceof Y.XmlElement ? block.get(0) : null
  if (!(text instanceof Y.XmlText)) throw new Error('no text there')
  return text
}

describe('what one can take back [WRT-5]', () => {
  it('is one’s last change, in whatever section it was, and comes back with redo', () => {
    const { mine, undoing, said } = pair()
    write(mine, 'plan', 'first')
    undoing.stopCapturing()
    write(mine, 'summary', 'second')
    undoing.stopCapturing()
    write(mine, 'plan', 'third')
    undoing.undo()
    expect([said('summary'), said('plan')]).toEqual(['second', 'first'])
    undoing.undo()
    expect([said('summary'), said('plan')]).toEqual(['', 'first'])
    undoing.redo()
    undoing.redo()
    expect([said('summary'), said('plan')]).toEqual(['second', 'third\nfirst'])
    expect(undoing.redo()).toBeNull()
  })

  it('is never what others wrote, however much of it came in between', () => {
    const { mine, theirs, undoing, said } = pair()
    write(theirs, 'plan', 'theirs')
    expect(undoing.canUndo()).toBe(false)
    write(mine, 'plan', 'mine', 1)
    write(theirs, 'plan', 'theirs again', 2)
    undoing.undo()
    expect(said('plan')).toBe('theirs\ntheirs again')
    expect(said('plan', theirs)).toBe('theirs\ntheirs again')
    expect(undoing.canUndo()).toBe(false)
  })

  it('takes one’s own letters out of a paragraph and leaves those that others wrote into it, with the paragraph', () => {
    const { mine, theirs, undoing, said } = pair()
    write(mine, 'plan', 'ab')
    textIn(theirs, 'plan').insert(1, ' theirs ')
    undoing.undo()
    expect(said('plan')).toBe(' theirs ')
    expect(said('plan', theirs)).toBe(' theirs ')
  })

  it('takes an empty heading away, and not one that others wrote a word into', () => {
    for (const isWritten of [false, true]) {
      const { mine, theirs, undoing } = pair()
      mine.transact(() => {
        const made = new Y.XmlElement('heading')
        made.insert(0, [new Y.XmlText()])
        mine.getXmlFragment('plan').insert(0, [made])
      }, ySyncPluginKey)
      if (isWritten) textIn(theirs, 'plan').insert(0, 'Findings')
      undoing.undo()
      expect(mine.getXmlFragment('plan').length).toBe(isWritten ? 1 : 0)
      expect(mine.getXmlFragment('plan').toString()).toBe(theirs.getXmlFragment('plan').toString())
    }
  })

  it('brings back what one deleted, beside what others wrote meanwhile', () => {
    const { mine, theirs, undoing, said } = pair()
    write(theirs, 'plan', 'Give 5 mg now')
    mine.transact(() => textIn(mine, 'plan').delete(5, 5), ySyncPluginKey)
    textIn(theirs, 'plan').insert(8, ', please')
    expect(said('plan')).toBe('Give now, please')
    undoing.undo()
    expect(said('plan', theirs)).toBe('Give 5 mg now, please')
  })

  it('is nothing that the page itself mended, nor what came from a copy or another tab', () => {
    const { mine, undoing, said } = pair()
    mine.transact((transaction) => {
      transaction.meta.set('addToHistory', false)
      mine.getXmlFragment('plan').insert(0, [new Y.XmlElement('paragraph')])
    }, ySyncPluginKey)
    mine.transact(() => mine.getXmlFragment('plan').insert(0, [new Y.XmlElement('paragraph')]), { from: 'the copy on this device' })
    mine.transact(() => mine.getMap('head').set('question', 'PE?'), ySyncPluginKey)
    expect(undoing.canUndo()).toBe(false)
    expect(said('plan')).toBe('\n')
  })

  it('outlives the editors, which end what they were given', () => {
    const { mine, undoing, said } = pair()
    write(mine, 'plan', 'before')
    undoing.stopCapturing()
    undoing.destroy()
    write(mine, 'plan', 'after')
    undoing.undo()
    expect(said('plan')).toBe('before')
    undoing.undo()
    expect(said('plan')).toBe('')
  })

  it('turns a heading that one made of a paragraph into the paragraph again, with what others wrote into it', () => {
    const { mine, theirs, undoing, said } = pair()
    write(theirs, 'plan', 'Findings')
    const heading = setBlockType(schema.nodes['heading'] ?? schema.topNodeType, { level: 3 })
    mine.transact(() => editIn(mine, 'plan', 1, 1, heading), ySyncPluginKey)
    expect(mine.getXmlFragment('plan').toString()).toContain('<heading')
    textIn(theirs, 'plan').insert(8, ' of today')
    undoing.undo()
    expect(said('plan')).toBe(' of today\nFindings')
    expect(said('plan')).toBe(said('plan', theirs))
  })
})
