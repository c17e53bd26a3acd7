/** What is selected in a section's text, or the paragraph in which the caret stands. */
import type { Editor } from '@tiptap/core'
import { ySyncPluginKey } from '@tiptap/y-tiptap'
import * as Y from 'yjs'
import { type Letters, lettersBetween } from './whoWrote'

export interface Chosen {
  /** Nothing was selected: all of the paragraph around the caret. */
  readonly isParagraph: boolean
  readonly letters: readonly Letters[]
}

export function chosenIn({ state }: Editor): Chosen {
  const { from, to, empty, $from } = state.selection
  const { type: fragment } = ySyncPluginKey.getState(state) ?? {}
  if (!(fragment instanceof Y.XmlFragment)) return { isParagraph: empty, letters: [] }
  const [start, end] = empty ? [$from.start(), $from.end()] : [from, to]
  return { isParagraph: empty, letters: lettersBetween(fragment, start, end, leafWords) }
}

/** What the editor draws as one letter. */
function leafWords(element: Y.XmlElement): string | null {
  switch (element.nodeName) {
    case 'hardBreak':
      return '\n'
    case 'mention':
      return `@${String(element.getAttribute('label') ?? '?')}`
    default:
      return null
  }
}
