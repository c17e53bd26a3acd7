/** What comes from the clipboard: cleaned, and not more than a page can take. */
import { Extension } from '@tiptap/core'
import { Slice } from '@tiptap/pm/model'
import { Plugin } from '@tiptap/pm/state'
import { isInTable } from '@tiptap/pm/tables'
import type { EditorView } from '@tiptap/pm/view'
import { clean, type Manner } from './clean'

/** Far above any section that a person wrote, and below what the server takes in one edit; above it a page would stand still. */
export const MAX_PASTE = 500_000

/** HTML of the same text: Word writes twenty characters of style for each of text. */
const MAX_PASTED_HTML = 12_000_000

export type PasteNews = { readonly kind: 'too-large' } | { readonly kind: 'images'; readonly count: number }

export function pasting(tell: (news: PasteNews) => void, known: Pick<Manner, 'isMember' | 'isMedia'>): Extension {
  return Extension.create({
    name: 'pasting',
    priority: 2000, // before anything else reads what is far too large
    addProseMirrorPlugins() {
      return [
        new Plugin({
          props: {
            handleDOMEvents: {
              paste: (_, event) => refuse(event, event.clipboardData, tell),
              drop: (_, event) => refuse(event, event.dataTransfer, tell),
            },
            transformPasted: (slice, view) => goOnBelow(standAlone(slice), view),
            transformPastedHTML(html) {
              const { body, images } = clean(html, known)
              if (images > 0) tell({ kind: 'images', count: images })
              restoreSlice(html, body)
              return body.innerHTML
            },
          },
        }),
      ]
    },
  })
}

/** Several blocks that begin with a heading, a list or a table do not begin in the middle of somebody's sentence. */
function standAlone(slice: Slice): Slice {
  const { content, openStart, openEnd } = slice
  const starts = openStart > 0 && content.firstChild?.type.name !== 'paragraph'
  let blocks = 0
  if (starts) content.descendants((node) => void (blocks += node.isTextblock ? 1 : 0))
  return blocks > 1 ? new Slice(content, 0, openEnd) : slice
}

/** After a table one goes on below it, and not in its last cell. */
function goOnBelow(slice: Slice, { state }: EditorView): Slice {
  const { content, openStart } = slice
  const paragraph = state.schema.nodes['paragraph']
  if (content.lastChild?.type.name !== 'table' || paragraph === undefined || isInTable(state)) return slice
  return new Slice(content.addToEnd(paragraph.create()), openStart, 1)
}

function refuse(event: Event, data: DataTransfer | null, tell: (news: PasteNews) => void): boolean {
  if (data === null) return false
  if (data.getData('text/plain').length <= MAX_PASTE && data.getData('text/html').length <= MAX_PASTED_HTML) return false
  event.preventDefault()
  tell({ kind: 'too-large' })
  return true
}

/** Our own clipboard says in an attribute how the copied piece was cut; without it a word would arrive as a paragraph. */
function restoreSlice(html: string, body: HTMLElement): void {
  const slice = /data-pm-slice="(\d+ \d+(?: -\d+)? \[[^"<>]*\])"/.exec(html)?.[1]?.replaceAll('&quot;', '"')
  // Anybody can write that attribute into a page: the spans in it would not pass through the schema.
  if (slice !== undefined && !/span"\s*:\s*(?!1[,}])/.test(slice)) body.firstElementChild?.setAttribute('data-pm-slice', slice)
}
