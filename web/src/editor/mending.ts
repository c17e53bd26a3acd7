/** Mends tables that two people's changes left with short rows: one page does it, for all. */
import { Extension } from '@tiptap/core'
import { isChangeOrigin } from '@tiptap/extension-collaboration'
import { Plugin } from '@tiptap/pm/state'
import { fixTables } from '@tiptap/pm/tables'
import type { Awareness } from 'y-protocols/awareness'
import { presenceOf } from '../sync/people'

/** Both people's changes should have arrived; arbitrary, a little longer than a slow round trip. */
const SETTLE_MS = 400

const WRITERS = new Set(['lead', 'contributor'])

/** Among the pages that may write, the one with the lowest client id: all pages agree on it without a word. */
export function isMender(awareness: Awareness): boolean {
  const writers = [...awareness.getStates()].filter(([, state]) => WRITERS.has(presenceOf(state['user'])?.role ?? '')).map(([id]) => id)
  return Math.min(...writers) === awareness.clientID
}

export function tableMending(awareness: Awareness): Extension {
  return Extension.create({
    name: 'tableMending',
    addProseMirrorPlugins() {
      const { editor } = this
      let timer: ReturnType<typeof setTimeout> | undefined
      const mend = (): void => {
        if (editor.isDestroyed || !editor.isEditable || !isMender(awareness)) return
        const mended = fixTables(editor.state)
        // Not a step that anybody took: undo must not take it back.
        if (mended !== undefined) editor.view.dispatch(mended.setMeta('addToHistory', false))
      }
      return [
        new Plugin({
          view: () => ({ destroy: () => clearTimeout(timer) }),
          appendTransaction(transactions) {
            if (transactions.some((transaction) => transaction.docChanged && isChangeOrigin(transaction))) {
              clearTimeout(timer)
              timer = setTimeout(mend, SETTLE_MS)
            }
            return null
          },
        }),
      ]
    },
  })
}
