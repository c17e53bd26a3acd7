/**
 * Tab belongs to lists and tables; Escape, then Tab leaves the text by the keyboard (WCAG 2.1.2). In a list it never leaves
 * by itself: the next word would go into another section.
 */
import { Extension } from '@tiptap/core'
import { Plugin } from '@tiptap/pm/state'

export const Leaving = Extension.create({
  name: 'leaving',
  priority: 10, // what lists and tables do with Tab comes first

  addKeyboardShortcuts() {
    const stay = (): boolean => this.editor.isActive('listItem') || this.editor.isActive('taskItem')
    return { Tab: stay, 'Shift-Tab': stay }
  },

  addProseMirrorPlugins() {
    let free = false
    return [
      new Plugin({
        props: {
          handleDOMEvents: {
            keydown(_, { key }) {
              if (key === 'Tab' && free) return true // the browser's own Tab, unseen by the editor
              if (key !== 'Shift') free = key === 'Escape'
              return false
            },
            blur() {
              free = false
              return false
            },
            pointerdown() {
              free = false
              return false
            },
          },
        },
      }),
    ]
  },
})
