/** The list of members that opens after an `@`: arrows choose, Enter or Tab takes, Escape closes; the caret stays in the text. */
import { Extension } from '@tiptap/core'
import { isChangeOrigin } from '@tiptap/extension-collaboration'
import { PluginKey } from '@tiptap/pm/state'
import { Suggestion, type SuggestionProps } from '@tiptap/suggestion'
import { t } from '../i18n'

export interface Mentionable {
  readonly id: string
  readonly name: string
  /** Said beside the name. */
  readonly role: string
}

const SHOWN = 8

type Props = SuggestionProps<Mentionable, Mentionable>

export function mentionList(members: () => readonly Mentionable[]): Extension {
  return Extension.create({
    name: 'mentionList',
    addProseMirrorPlugins() {
      return [
        Suggestion<Mentionable, Mentionable>({
          editor: this.editor,
          pluginKey: new PluginKey('mentionList'),
          char: '@',
          allowSpaces: true, // people have several names
          allowedPrefixes: [' ', '(', '\u00a0'],
          shouldShow: ({ editor, transaction }) => editor.isEditable && !isChangeOrigin(transaction),
          items: ({ query }) => matching(members(), query),
          command: ({ editor, range, props: { id, name } }) => {
            const content = [{ type: 'mention', attrs: { id, label: name } }, { type: 'text', text: ' ' }]
            editor.chain().focus().insertContentAt(range, content).run()
          },
          render: openList,
        }),
      ]
    },
  })
}

/** Those with a word that starts with what was typed; accents and case do not matter. */
export function matching(members: readonly Mentionable[], query: string): Mentionable[] {
  const sought = plain(query)
  return members.filter(({ name }) => plain(name).startsWith(sought) || plain(name).includes(` ${sought}`)).slice(0, SHOWN)
}

function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase()
}

function openList(): {
  onStart: (props: Props) => void
  onUpdate: (props: Props) => void
  onKeyDown: (props: { event: KeyboardEvent }) => boolean
  onExit: () => void
} {
  const id = `mentions-${Math.random().toString(36).slice(2)}`
  const box = document.createElement('div')
  box.className = 'mention-list'
  const list = document.createElement('ul')
  list.id = id
  list.role = 'listbox'
  const news = document.createElement('p')
  news.role = 'status'
  let shown: Props | null = null
  let at = 0
  let unmount: (() => void) | null = null

  const take = (index: number): void => {
    const item = shown?.items[index]
    if (item !== undefined) shown?.command(item)
  }

  const draw = (): void => {
    if (shown === null) return
    const { items, editor } = shown
    list.ariaLabel = t('write.mentions')
    list.replaceChildren(...items.map((item, index) => option(item, `${id}-${index}`, index === at, () => take(index))))
    list.hidden = items.length === 0
    news.textContent = items.length === 0 ? t('write.noMentions') : t('write.mentionsFound', { count: items.length })
    news.className = items.length === 0 ? 'hint' : 'unseen'
    const dom = editor.view.dom
    dom.setAttribute('aria-controls', id)
    dom.setAttribute('aria-haspopup', 'listbox')
    if (items.length === 0) dom.removeAttribute('aria-activedescendant')
    else dom.setAttribute('aria-activedescendant', `${id}-${at}`)
  }

  const close = (): void => {
    for (const name of ['aria-controls', 'aria-haspopup', 'aria-activedescendant']) shown?.editor.view.dom.removeAttribute(name)
    unmount?.()
    unmount = null
    box.remove()
    shown = null
  }

  return {
    onStart(props) {
      shown = props
      at = 0
      box.replaceChildren(list, news)
      unmount = props.mount(box)
      draw()
    },
    onUpdate(props) {
      if (props.query !== shown?.query) at = 0
      shown = props
      draw()
    },
    onKeyDown({ event }) {
      const count = shown?.items.length ?? 0
      if (count === 0 || event.isComposing) return false
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        at = (at + (event.key === 'ArrowDown' ? 1 : count - 1)) % count
        draw()
        return true
      }
      if ((event.key !== 'Enter' && event.key !== 'Tab') || event.shiftKey) return false
      take(at)
      return true
    },
    onExit: close,
  }
}

function option({ name, role }: Mentionable, id: string, selected: boolean, take: () => void): HTMLElement {
  const item = document.createElement('li')
  item.id = id
  item.role = 'option'
  item.ariaSelected = String(selected)
  const strong = document.createElement('strong')
  strong.textContent = name
  const said = document.createElement('span')
  said.className = 'hint'
  said.textContent = role
  item.append(strong, ' ', said)
  item.addEventListener('pointerdown', (event) => event.preventDefault()) // the caret stays in the text
  item.addEventListener('click', take)
  return item
}
