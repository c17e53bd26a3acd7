/** Puts rescued words back at the end of their sections, as a new edit. */
import * as Y from 'yjs'
import { HEADING_LEVELS } from '../sections'
import type { Undoing } from './undoing'
import { type Block, HEAD, ownText, type Run, type Writing } from './writing'

const LISTS: ReadonlyMap<string, string> = new Map([
  ['bullet', 'bulletList'],
  ['task', 'bulletList'],
  ['number', 'orderedList'],
])

/**
 * One transaction, one edit; what it gives back takes it back whole, and leaves what others wrote since. For the undo of the
 * sections it is a step of its own. Cells of tables come back as paragraphs.
 */
export function insertWriting(doc: Y.Doc, { sections, head }: Writing, undoing: Undoing): Y.UndoManager {
  const origin = {}
  undoing.addTrackedOrigin(origin)
  undoing.stopCapturing()
  const touched = [...sections.map(({ section }) => doc.getXmlFragment(section)), doc.getMap(HEAD)]
  const undo = new Y.UndoManager(touched, { trackedOrigins: new Set([origin]), captureTimeout: 0 })
  doc.transact(() => {
    for (const { section, blocks } of sections) {
      const fragment = doc.getXmlFragment(section)
      const worth = blocks.filter((block) => ownText(block).trim() !== '')
      fragment.push(grouped(worth).map(([list, group]) => (list === null ? group.map(textBlock) : [listOf(list, group)])).flat())
    }
    for (const [field, value] of head) doc.getMap(HEAD).set(field, value)
  }, origin)
  undoing.stopCapturing()
  undoing.removeTrackedOrigin(origin)
  return undo
}

/** Neighbours of the same list go into one. */
function grouped(blocks: readonly Block[]): [list: string | null, blocks: Block[]][] {
  const groups: [string | null, Block[]][] = []
  for (const block of blocks) {
    const list = LISTS.get(block.kind) ?? null
    const last = groups[groups.length - 1]
    if (last !== undefined && last[0] === list) last[1].push(block)
    else groups.push([list, [block]])
  }
  return groups
}

function listOf(name: string, blocks: readonly Block[]): Y.XmlElement {
  const list = new Y.XmlElement(name)
  list.insert(
    0,
    blocks.map((block) => {
      const item = new Y.XmlElement('listItem')
      item.insert(0, [textBlock({ ...block, kind: 'paragraph' })])
      return item
    }),
  )
  return list
}

function textBlock(block: Block): Y.XmlElement {
  const element: Y.XmlElement = block.kind === 'heading' ? heading() : new Y.XmlElement('paragraph')
  const text = new Y.XmlText()
  element.insert(0, [text])
  for (const run of block.runs.filter(({ own }) => own)) text.insert(text.length, run.text, marks(run))
  return element
}

/** The editor reads the level as a number; the type of elements knows only texts. */
function heading(): Y.XmlElement {
  const element = new Y.XmlElement('heading')
  Reflect.apply(element.setAttribute, element, ['level', HEADING_LEVELS[0]])
  return element
}

function marks({ bold, italic }: Run): Record<string, unknown> {
  return { ...(bold ? { bold: {} } : {}), ...(italic ? { italic: {} } : {}) }
}
