/** How another person's caret and selection look in the text. */
import type { DecorationAttrs } from '@tiptap/pm/view'
import { inkOn, presenceOf } from '../sync/people'

/**
 * The name is drawn by CSS from an attribute: as text it would be read out, copied and found as part of the case. It fades
 * after a rest (style/editor.css) and comes back when its owner moves (caretNames.ts), for it stands on the line above.
 */
export function drawCaret(user: Record<string, unknown>): HTMLElement {
  const caret = document.createElement('span')
  caret.className = 'caret'
  caret.ariaHidden = 'true'
  const person = presenceOf(user)
  if (person !== null) {
    caret.dataset['name'] = person.name
    caret.dataset['person'] = person.id
    caret.style.setProperty('--person', person.color)
    caret.style.setProperty('--on-person', inkOn(person.color))
  }
  return caret
}

export function drawSelection(user: Record<string, unknown>): DecorationAttrs {
  const person = presenceOf(user)
  return person === null ? {} : { class: 'selected-by-other', style: `--person: ${person.color}` }
}
