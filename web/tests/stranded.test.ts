import { setBlockType } from '@tiptap/pm/commands'
import { wrapInList } from '@tiptap/pm/schema-list'
import type { Command } from '@tiptap/pm/state'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import { othersStranded, ownStranded } from '../src/sync/stranded'
import { plainText } from '../src/sync/text'
import { ownText, type Writing } from '../src/sync/writing'
import { editIn, schema } from './binding'

/** Ada and Ben have the same plan; then Ben writes without a network while Ada edits it, and they meet again. */
function meet(hers: Command, his: (text: Y.XmlText) => void, plan: readonly string[] = ['Give heparin', 'Second']): { plan: string; stranded: Writing | null } {
  const [ada, ben] = [new Y.Doc(), new Y.Doc()]
  ada.transact(() => {
    for (const words of plan) {
      const paragraph = new Y.XmlElement('paragraph')
      paragraph.insert(0, [new Y.XmlText(words)])
      ada.getXmlFragment('plan').push([paragraph])
    }
  })
  Y.applyUpdate(ben, Y.encodeStateAsUpdate(ada))
  const block = ben.getXmlFragment('plan').get(0)
  const text = block instanceof Y.XmlElement ? block.get(0) : null
  if (!(text instanceof Y.XmlText)) throw new Error('no text')
  his(text)
  const before = Y.encodeStateVector(ada)
  editIn(ada, 'plan', 1, 1 + (plan[0]?.length ?? 0), hers)
  const update = Y.encodeStateAsUpdate(ada, before)
  let stranded: Writing | null = null
  ben.on('afterTransaction', (transaction: Y.Transaction) => (stranded ??= ownStranded(transaction, update, new Set([ben.clientID]), ['summary', 'plan'])))
  Y.applyUpdate(ben, update)
  return { plan: plainText(ben.getXmlFragment('plan')), stranded }
}

function saved(stranded: Writing | null): readonly string[] {
  return (stranded?.sections ?? []).flatMap(({ section, blocks }) => blocks.map((block) => `${section} ${block.kind}:${ownText(block)}`))
}

const type = (name: string) => schema.nodes[name] ?? schema.topNodeType
const append = (text: Y.XmlText): void => text.insert(text.length, ' unless she bleeds')
const heading = setBlockType(type('heading'), { level: 3 })
const list = wrapInList(type('bulletList'))
const remove: Command = (state, dispatch) => (dispatch?.(state.tr.delete(0, state.doc.firstChild?.nodeSize ?? 0)), true)

describe('words that went with their block [OFF-13]', () => {
  it.each([
    ['a heading', heading],
    ['a list item', list],
    ['nothing at all', remove],
  ])('are found when others make %s of it', (_, hers) => {
    const { plan, stranded } = meet(hers, append)
    expect(plan).not.toContain('unless she bleeds') // or there would be nothing to rescue
    expect(saved(stranded)).toEqual(['plan paragraph: unless she bleeds'])
    expect(stranded?.sections[0]?.blocks[0]?.runs.map(({ text, own }) => (own ? `[${text}]` : text)).join('')).toBe('Give heparin[ unless she bleeds]')
  })

  it('are none when others split it, write into it, or delete words that they saw', () => {
    const split: Command = (state, dispatch) => (dispatch?.(state.tr.split(5)), true)
    const write: Command = (state, dispatch) => (dispatch?.(state.tr.insertText('x', 1, 5)), true)
    for (const hers of [split, write]) {
      const { plan, stranded } = meet(hers, append)
      expect(plan).toContain('unless she bleeds')
      expect(stranded).toBeNull()
    }
    expect(meet(remove, () => undefined).stranded).toBeNull()
    expect(meet(heading, (text) => text.delete(0, 4)).stranded).toBeNull()
  })

  it('are those alone that others did not see, though they are one item with those that they saw', () => {
    const [ada, ben] = [new Y.Doc(), new Y.Doc()]
    const paragraph = new Y.XmlElement('paragraph')
    const text = new Y.XmlText('seen ')
    paragraph.insert(0, [text])
    ben.getXmlFragment('plan').insert(0, [paragraph])
    Y.applyUpdate(ada, Y.encodeStateAsUpdate(ben))
    text.insert(5, 'unseen')
    text.insert(0, ' \n') // white space alone is nothing to rescue, but stays with what is
    editIn(ada, 'plan', 1, 1, list)
    let stranded: Writing | null = null
    const update = Y.encodeStateAsUpdate(ada)
    ben.on('afterTransaction', (transaction: Y.Transaction) => (stranded ??= ownStranded(transaction, update, new Set([ben.clientID]), ['plan'])))
    Y.applyUpdate(ben, update)
    expect(saved(stranded)).toEqual(['plan paragraph: \nunseen'])
  })

  it('are found by who changed the block without a network, if they were there before that came', () => {
    const [ada, ben] = [new Y.Doc(), new Y.Doc()]
    const made = ['Give heparin', 'Other'].map((words) => {
      const paragraph = new Y.XmlElement('paragraph')
      paragraph.insert(0, [new Y.XmlText(words)])
      return paragraph
    })
    ben.getXmlFragment('plan').insert(0, made)
    Y.applyUpdate(ada, Y.encodeStateAsUpdate(ben))
    new Y.UndoManager(ada.getXmlFragment('plan'), { trackedOrigins: new Set([null]) }) // keeps what was taken away, as the page does
    const edits: Uint8Array[] = []
    ada.on('update', (update: Uint8Array, origin: unknown) => origin !== 'net' && edits.push(update))
    editIn(ada, 'plan', 1, 1, heading)
    const before = Y.encodeStateVector(ben)
    for (const paragraph of made) {
      const text = paragraph.get(0)
      if (text instanceof Y.XmlText) text.insert(text.length, ' unless she bleeds')
    }
    const update = Y.encodeStateAsUpdate(ben, before)
    let stranded: Writing | null = null
    let others: Writing | null = null
    ada.on('afterTransaction', (transaction: Y.Transaction) => {
      stranded ??= othersStranded(transaction, update, edits, new Set([ada.clientID]), ['plan'])
      others ??= othersStranded(transaction, update, [], new Set([ada.clientID]), ['plan'])
    })
    Y.applyUpdate(ada, update, 'net')
    expect(plainText(ada.getXmlFragment('plan'))).toBe('Give heparin\nOther unless she bleeds')
    expect(saved(stranded)).toEqual(['plan paragraph: unless she bleeds'])
    expect(others).toBeNull() // whoever only looks on has nothing to do with it
  })
})
