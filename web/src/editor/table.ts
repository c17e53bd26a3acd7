/** Tables that two people can change at once, on a phone too. */
import { type Attributes, mergeAttributes } from '@tiptap/core'
import { isChangeOrigin } from '@tiptap/extension-collaboration'
import { Table as TiptapTable, TableCell as TiptapCell, TableHeader as TiptapHeader, TableRow as TiptapRow } from '@tiptap/extension-table'
import { Plugin } from '@tiptap/pm/state'
import { tableEditing } from '@tiptap/pm/tables'

/** Larger spans are somebody's attempt to make our table map grow without end. */
export const MAX_SPAN = 100

function spans(): Attributes {
  const span = (name: 'colspan' | 'rowspan'): Attributes[string] => ({
    default: 1,
    parseHTML: (element) => spanOf(element.getAttribute(name)),
    renderHTML: (attributes) => (spanOf(attributes[name]) === 1 ? {} : { [name]: spanOf(attributes[name]) }),
  })
  const kept = { default: null, parseHTML: () => null, rendered: false } // other editors' looks: kept, not shown
  return { colspan: span('colspan'), rowspan: span('rowspan'), colwidth: kept, align: kept }
}

function spanOf(value: unknown): number {
  const span = Number(value)
  return Number.isInteger(span) && span >= 1 && span <= MAX_SPAN ? span : 1
}

export function isSpan(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_SPAN
}

/** Without widths: they would be inline styles, and a phone has other ideas. The wrapper scrolls, not the page. */
const Table = TiptapTable.extend({
  renderHTML({ HTMLAttributes }) {
    return ['div', { class: 'table-scroll' }, ['table', mergeAttributes(HTMLAttributes), ['tbody', 0]]]
  },

  addNodeView: () => null,

  addProseMirrorPlugins() {
    const plugin = tableEditing()
    const append = plugin.spec.appendTransaction
    return [
      new Plugin({
        ...plugin.spec,
        /** Mending what came from others as well would make two pages mend the same table, over and over: `mending.ts` does it once. */
        appendTransaction(transactions, before, after) {
          return append?.call(plugin, transactions, transactions.some(isChangeOrigin) ? after : before, after)
        },
      }),
    ]
  },
})

export const TABLE = [
  Table,
  TiptapRow,
  TiptapCell.extend({ addAttributes: spans }),
  TiptapHeader.extend({
    addAttributes: spans,
    renderHTML: ({ HTMLAttributes }) => ['th', mergeAttributes(HTMLAttributes, { scope: 'col' }), 0],
  }),
]
