/** A member of the case, named in the text: the node keeps the person's id and the name as it was. */
import { Node } from '@tiptap/core'

const MAX_LENGTH = 300

export interface MentionAttributes {
  readonly id: string
  readonly label: string
}

export const Mention = Node.create({
  name: 'mention',
  group: 'inline',
  inline: true,
  atom: true,
  selectable: false,

  addAttributes() {
    return {
      id: { default: null, parseHTML: (element) => short(element.dataset['id']), rendered: false },
      label: { default: null, parseHTML: (element) => short(element.dataset['label']), rendered: false },
      mentionSuggestionChar: { default: null, parseHTML: () => null, rendered: false }, // of stock clients; kept, not used
    }
  },

  parseHTML() {
    return [{ tag: 'span[data-type="mention"][data-id][data-label]' }]
  },

  renderHTML({ node }) {
    const [id, label] = [short(node.attrs['id']), short(node.attrs['label'])]
    return ['span', { class: 'mention', 'data-type': 'mention', 'data-id': id ?? '', 'data-label': label ?? '' }, `@${label ?? '?'}`]
  },

  renderText({ node }) {
    return `@${short(node.attrs['label']) ?? '?'}`
  },
})

function short(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_LENGTH) : null
}
