/** Links: http, https and mailto, opened with Control and a click, made from addresses that are typed or pasted. */
import { Link as TiptapLink } from '@tiptap/extension-link'
import { Plugin } from '@tiptap/pm/state'
import { hrefAlone, safeHref } from './href'

/** Attributes of other editors' links: kept as they are, never shown. */
const FOREIGN = ['target', 'rel', 'class', 'title']

const ELSEWHERE = { target: '_blank', rel: 'noopener noreferrer nofollow' }

export const Link = TiptapLink.extend({
  inclusive: false,

  addAttributes() {
    const foreign = Object.fromEntries(FOREIGN.map((name) => [name, { default: null, parseHTML: () => null, rendered: false }]))
    return { href: { default: null, parseHTML: (element) => safeHref(element.getAttribute('href')) }, ...foreign }
  },

  parseHTML() {
    return [{ tag: 'a[href]', getAttrs: (element) => (safeHref(element.getAttribute('href')) === null ? false : null) }]
  },

  renderHTML({ mark }) {
    const href = safeHref(mark.attrs['href'])
    return href === null ? ['span', { class: 'link-broken' }, 0] : ['a', { href, ...ELSEWHERE }, 0]
  },

  addPasteRules: () => [],

  addProseMirrorPlugins() {
    const { editor, type } = this
    const own = new Plugin({
      props: {
        /** An address pasted alone is a link; pasted over a selection, it makes the selection one. */
        handlePaste(view, _event, slice) {
          const href = hrefAlone(slice.content.textBetween(0, slice.content.size, ' '))
          if (href === null || slice.content.childCount > 1) return false
          const { empty, from } = view.state.selection
          if (!empty) return editor.commands.setMark(type, { href })
          const text = slice.content.textBetween(0, slice.content.size, ' ').trim()
          view.dispatch(view.state.tr.insertText(text, from).addMark(from, from + text.length, type.create({ href })).removeStoredMark(type))
          return true
        },
        handleDOMEvents: {
          /** A plain click sets the caret; where nothing can be written, a click opens. */
          click(view, event) {
            const link = event.target instanceof Element ? event.target.closest('a[href]') : null
            if (!(link instanceof HTMLAnchorElement) || event.button !== 0) return false
            event.preventDefault()
            if (view.editable && !event.ctrlKey && !event.metaKey) return false
            const href = safeHref(link.href)
            if (href !== null) window.open(href, '_blank', 'noopener,noreferrer')
            return true
          },
        },
      },
    })
    return [...(this.parent?.() ?? []), own]
  },
}).configure({
  openOnClick: false,
  linkOnPaste: false,
  autolink: true,
  defaultProtocol: 'https',
  protocols: [],
  isAllowedUri: (url) => safeHref(url) !== null,
  shouldAutoLink: (url) => hrefAlone(url) !== null,
})
