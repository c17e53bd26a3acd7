/** Tables that two people can change at once, on a phone too. */
import { type Attributes, mergeAttributes } from '@tiptap/core'
import { isChangeOrigin } from '@tiptap/extension-collaboration'
import { Table as TiptapTable, TableCell as TiptapCell, TableHeader as TiptapHeader, TableRow as TiptapRow } from '@tiptap/extension-table'
import type { Node as ProseNode, Schema } from '@tiptap/pm/model'
import { Plugin, TextSelection } from '@tiptap/pm/state'
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

function emptyTable(schema: Schema, rows: number, columns: number): ProseNode {
  const row = (cell: string): ProseNode => filled(schema, 'tableRow', Array.from({ length: columns }, () => filled(schema, cell)))
  return filled(schema, 'table', [row('tableHeader'), ...Array.from({ length: rows - 1 }, () => row('tableCell'))])
}

function filled(schema: Schema, type: string, content: ProseNode[] = []): ProseNode {
  const made = schema.nodes[type]?.createAndFill(null, content)
  if (made === null || made === undefined) throw new Error(`a ${type} cannot be made`)
  return made
}

/** Without widths: they would be inline styles, and a phone has other ideas. The wrapper scrolls, not the page. */
const Table = TiptapTable.extend({
  renderHTML({ HTMLAttributes }) {
    // A frame that scrolls is reached by keys: by the caret where one writes, which axe must be told, and by Tab where one reads.
    const reached = this.editor?.options.editable === false ? { tabindex: '0' } : { contenteditable: 'true' }
    return ['div', { class: 'table-scroll', ...reached }, ['table', mergeAttributes(HTMLAttributes), ['tbody', 0]]]
  },

  addNodeView: () => null,

  addCommands() {
    return {
      ...this.parent?.(),
      /** Between blocks: never into the middle of a sentence, nor into the item of a list, where Tab has another meaning. */
      insertTable:
        ({ rows = 3, cols = 3 } = {}) =>
        ({ tr, state: { schema }, dispatch }) => {
          const { $from } = tr.selection
          const block = $from.depth === 0 ? null : $from.node(1)
          if (block === null) return false
          if (dispatch === undefined) return true
          const isBlank = block.isTextblock && block.content.size === 0
          const at = isBlank ? $from.before(1) : $from.after(1)
          if (isBlank) tr.delete(at, at + block.nodeSize)
          const isLast = at === tr.doc.content.size
          tr.insert(at, isLast ? [emptyTable(schema, rows, cols), filled(schema, 'paragraph')] : emptyTable(schema, rows, cols))
          tr.setSelection(TextSelection.near(tr.doc.resolve(at + 1))).scrollIntoView()
          return true
        },
    }
  },

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
