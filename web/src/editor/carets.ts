/** Others' carets and selections in the text, and one's own place told to them. */
import { Extension } from '@tiptap/core'
import { yCursorPlugin } from '@tiptap/y-tiptap'
import type { Awareness } from 'y-protocols/awareness'
import { drawCaret, drawSelection } from './caret'

/** One's own is left out by the connection's client id: a reader's editor shows a copy of the document, whose id is another. */
export function carets(awareness: Awareness): Extension {
  return Extension.create({
    name: 'carets',
    priority: 999, // after the binding, before what else looks at the text
    addProseMirrorPlugins: () => [
      yCursorPlugin(awareness, {
        awarenessStateFilter: (_: number, client: number) => client !== awareness.clientID,
        cursorBuilder: drawCaret,
        selectionBuilder: drawSelection,
      }),
    ],
  })
}
