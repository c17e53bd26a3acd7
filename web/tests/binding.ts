/** What somebody does in their editor, written into their document by the editor's own binding. */
import { type Command, EditorState, TextSelection } from '@tiptap/pm/state'
import { initProseMirrorDoc, updateYFragment } from '@tiptap/y-tiptap'
import type * as Y from 'yjs'
import { contentSchema } from '../src/editor/extensions'

export const schema = contentSchema()

/** Selects from one position to another, and does this there, in one edit. */
export function editIn(device: Y.Doc, section: string, from: number, to: number, ...commands: readonly Command[]): void {
  const fragment = device.getXmlFragment(section)
  const { doc, meta } = initProseMirrorDoc(fragment, schema)
  let state = EditorState.create({ doc, schema })
  state = state.apply(state.tr.setSelection(TextSelection.between(state.doc.resolve(from), state.doc.resolve(to))))
  for (const command of commands) command(state, (transaction) => (state = state.apply(transaction)))
  device.transact(() => updateYFragment(device, fragment, state.doc, meta))
}
