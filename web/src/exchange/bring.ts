/** Brings blocks into the record: into one section as one step of its editor, or into several as one edit of the record. */
import { Editor } from '@tiptap/core'
import type { Node as Block, Schema } from '@tiptap/pm/model'
import { type EditorState, Selection, type Transaction } from '@tiptap/pm/state'
import { prosemirrorToYXmlFragment, ySyncPluginKey, yUndoPluginKey } from '@tiptap/y-tiptap'
import * as Y from 'yjs'
import { holdsNothing, planRestore, readLive } from '../history/restore'
import type { Part } from '../history/walk'
import type { SectionPart } from './reading'

export type Where = 'cursor' | 'end'

/** An editor that has to be fetched first takes its time on a slow line. */
const PATIENCE_MS = 20_000
const LOOK_MS = 50

/** The editor of a section that is being unfolded. */
export async function editorIn(section: string): Promise<Editor | null> {
  const end = performance.now() + PATIENCE_MS
  while (performance.now() < end) {
    const text = document.getElementById(section)?.querySelector('.ProseMirror')
    if (text !== null && text !== undefined && 'editor' in text && text.editor instanceof Editor) return text.editor
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
  return null
}

/** What it gives back takes exactly this away again, whatever has been typed since. */
export function bringInto(editor: Editor, fragment: Y.XmlFragment, blocks: readonly Block[], where: Where): Y.UndoManager {
  const undo = new Y.UndoManager(fragment, {
    trackedOrigins: new Set([ySyncPluginKey]),
    captureTimeout: Infinity,
    deleteFilter: holdsNothing,
  })
  endStep(editor.state) // what was typed just before is another step
  // Nodes belong to the schema that made them, and each editor has its own.
  const own = blocks.map((block) => editor.schema.nodeFromJSON(block.toJSON()))
  editor.view.dispatch(insertion(editor.state, own, where))
  endStep(editor.state)
  undo.trackedOrigins.delete(ySyncPluginKey)
  return undo
}

/** Beside the block that the caret is in where that cannot be parted: in the middle of a paragraph it is. */
export function insertion({ tr, doc, selection }: EditorState, blocks: readonly Block[], where: Where): Transaction {
  const { $head } = selection
  const [from, to] = where === 'end' || $head.depth === 0 ? endOf(doc) : placeOf(tr, $head)
  const size = blocks.reduce((sum, block) => sum + block.nodeSize, 0)
  tr.replaceWith(from, to, [...blocks])
  return tr.setSelection(Selection.near(tr.doc.resolve(from + size), -1)).scrollIntoView()
}

function endOf(doc: Block): readonly [number, number] {
  const last = doc.lastChild
  const size = doc.content.size
  return last !== null && isEmptyLine(last) ? [size - last.nodeSize, size] : [size, size]
}

function placeOf(tr: Transaction, $head: Selection['$head']): readonly [number, number] {
  const block = $head.node(1)
  if (isEmptyLine(block)) return [$head.before(1), $head.after(1)]
  if (!block.isTextblock || $head.parentOffset === block.content.size) return [$head.after(1), $head.after(1)]
  if ($head.parentOffset === 0) return [$head.before(1), $head.before(1)]
  tr.split($head.pos)
  return [$head.pos + 1, $head.pos + 1]
}

function isEmptyLine(block: Block): boolean {
  return block.type.name === 'paragraph' && block.content.size === 0
}

function endStep(state: EditorState): void {
  const kept: unknown = yUndoPluginKey.getState(state)
  const manager = typeof kept === 'object' && kept !== null && 'undoManager' in kept ? kept.undoManager : null
  if (manager instanceof Y.UndoManager) manager.stopCapturing()
}

/** At the end of each section, in one transaction: one edit in the journal. */
export function bringIntoSeveral(doc: Y.Doc, parts: readonly SectionPart[], schema: Schema): Y.UndoManager {
  const sections = new Map(parts.map(({ section, blocks }) => [section as string, [...withoutEmptyEnd(readLive(doc.getXmlFragment(section))), ...spelled(blocks, schema)]]))
  return planRestore(doc, { sections, head: null }).apply()
}

/** As the editor's binding would write them. */
function spelled(blocks: readonly Block[], schema: Schema): readonly Part[] {
  const fragment = new Y.Doc().getXmlFragment('blocks')
  prosemirrorToYXmlFragment(schema.topNodeType.create(null, [...blocks]), fragment)
  return readLive(fragment)
}

function withoutEmptyEnd(parts: readonly Part[]): readonly Part[] {
  const last = parts.at(-1)
  const isEmpty = last?.kind === 'node' && last.name === 'paragraph' && last.children.every((child) => child.kind === 'text' && child.text === '')
  return isEmpty ? parts.slice(0, -1) : parts
}
