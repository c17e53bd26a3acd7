/** Makes the tree of a section. */
import type { Mark, Node } from '@tiptap/pm/model'
import { figureWords } from '../editor/figureWords'
import { safeHref } from '../editor/href'
import { HEADING_LEVELS } from '../sections'
import { type Block, type Cell, type Inline, printable } from './tree'

/** A document of the editor's schema; paragraphs that are empty at its end say nothing and are left out. */
export function treeOf(doc: Node): readonly Block[] {
  const blocks = blocksOf(doc)
  const last = blocks.findLastIndex((block) => block.kind !== 'paragraph' || block.inlines.length > 0)
  return blocks.slice(0, last + 1)
}

/** Lines of plain text, as paragraphs. */
export function treeOfText(text: string): readonly Block[] {
  const plain = { bold: false, italic: false, href: null }
  return text.split('\n').map((line) => ({ kind: 'paragraph', inlines: line === '' ? [] : [{ kind: 'text', text: line, ...plain }] }))
}

function blocksOf(parent: Node): readonly Block[] {
  return childrenOf(parent).flatMap(blockOf)
}

function blockOf(node: Node): Block | readonly Block[] {
  switch (node.type.name) {
    case 'paragraph':
      return { kind: 'paragraph', inlines: inlinesOf(node) }
    case 'heading':
      return { kind: 'heading', level: Math.max(1, numberOf(node.attrs['level'], HEADING_LEVELS[0]) - HEADING_LEVELS[0] + 1), inlines: inlinesOf(node) }
    case 'figure':
      return { kind: 'paragraph', inlines: [{ kind: 'text', text: printable(figureWords(node.attrs['label'])), bold: false, italic: true, href: null }] }
    case 'bulletList':
      return { kind: 'bullets', items: childrenOf(node).map(blocksOf) }
    case 'orderedList':
      return { kind: 'numbers', start: numberOf(node.attrs['start'], 1), items: childrenOf(node).map(blocksOf) }
    case 'taskList':
      return { kind: 'tasks', items: childrenOf(node).map((item) => ({ done: item.attrs['checked'] === true, blocks: blocksOf(item) })) }
    case 'table':
      return { kind: 'table', rows: childrenOf(node).map((row) => childrenOf(row).map(cellOf)) }
    default:
      return blocksOf(node)
  }
}

function cellOf(cell: Node): Cell {
  return {
    isHeader: cell.type.name === 'tableHeader',
    columns: Math.max(1, numberOf(cell.attrs['colspan'], 1)),
    rows: Math.max(1, numberOf(cell.attrs['rowspan'], 1)),
    blocks: blocksOf(cell),
  }
}

function inlinesOf(parent: Node): readonly Inline[] {
  return childrenOf(parent).map((node): Inline => {
    if (node.type.name === 'hardBreak') return { kind: 'break' }
    if (node.type.name === 'mention') return { kind: 'mention', name: textOf(node.attrs['label']) ?? '?' }
    const has = (name: string): Mark | undefined => node.marks.find(({ type }) => type.name === name)
    return {
      kind: 'text',
      text: printable(node.text ?? ''),
      bold: has('bold') !== undefined,
      italic: has('italic') !== undefined,
      href: safeHref(has('link')?.attrs['href']),
    }
  })
}

function childrenOf(node: Node): readonly Node[] {
  return Array.from({ length: node.childCount }, (_, index) => node.child(index))
}

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : otherwise
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? printable(value) : null
}
