/** The plain text of a section, read from the Yjs document without an editor. */
import * as Y from 'yjs'

/** Nodes of our own editor that may hold nothing. */
const MAY_BE_EMPTY = new Set(['paragraph', 'heading', 'listItem', 'taskItem', 'bulletList', 'orderedList', 'taskList', 'table', 'tableRow', 'tableCell', 'tableHeader'])

/**
 * Blocks stand on lines of their own; list items start with a dash, tasks with a box; a table's row is one line. It says every
 * word that is there, wherever another client put it; what has no words of its own is named.
 */
export function plainText(fragment: Y.XmlFragment): string {
  return lines(fragment).join('\n')
}

function lines(node: Y.XmlFragment): string[] {
  const children = node.toArray()
  if (node instanceof Y.XmlElement && children.every(isInline)) return children.map(inlineText).join('').split('\n')
  return children.flatMap((child) => (child instanceof Y.XmlElement ? block(child) : [inlineText(child)]))
}

function block(element: Y.XmlElement): string[] {
  if (element.nodeName === 'tableRow') return [element.toArray().map(cellText).join(' | ')]
  if (element.length === 0 && !MAY_BE_EMPTY.has(element.nodeName)) return [named(element)]
  const inner = lines(element)
  const marker = markerOf(element)
  return inner.map((line, index) => (index === 0 ? `${marker}${line}` : `${' '.repeat(marker.length)}${line}`))
}

function markerOf(element: Y.XmlElement): string {
  if (element.nodeName === 'listItem') return '- '
  if (element.nodeName !== 'taskItem') return ''
  const attributes: Record<string, unknown> = element.getAttributes()
  return attributes['checked'] === true ? '- [x] ' : '- [ ] '
}

/** What is there without words: by what another client called it, since a gap would say that there is nothing. */
function named(element: Y.XmlElement): string {
  const attributes: Record<string, unknown> = element.getAttributes()
  const words = ['alt', 'title', 'label'].map((name) => attributes[name]).find((value) => typeof value === 'string' && value !== '')
  return `[${element.nodeName}${words === undefined ? '' : `: ${words}`}]`
}

type Node = Y.XmlElement | Y.XmlText | Y.XmlHook

/** Rows hold cells; whatever else another client put there counts as one. */
function cellText(cell: Node): string {
  return (cell instanceof Y.XmlElement ? block(cell) : [inlineText(cell)]).join(' ').trim()
}

function isInline(node: Node): boolean {
  return node instanceof Y.XmlText || (node instanceof Y.XmlElement && (node.nodeName === 'hardBreak' || node.nodeName === 'mention'))
}

function inlineText(node: Node): string {
  if (node instanceof Y.XmlElement && node.nodeName === 'mention') {
    const label: unknown = node.getAttribute('label')
    return typeof label === 'string' ? `@${label}` : '@?'
  }
  if (!(node instanceof Y.XmlText)) return isInline(node) ? '\n' : '[…]'
  return node
    .toDelta()
    .map((part: { insert?: unknown }) => (typeof part.insert === 'string' ? part.insert : '[…]'))
    .join('')
}
