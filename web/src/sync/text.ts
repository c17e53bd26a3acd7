/** The plain text of a section, read from the Yjs document without an editor. */
import * as Y from 'yjs'

/** Blocks stand on lines of their own; list items start with a dash. */
export function plainText(fragment: Y.XmlFragment): string {
  return lines(fragment).join('\n')
}

function lines(node: Y.XmlFragment): string[] {
  const children = node.toArray()
  if (node instanceof Y.XmlElement && children.every(isInline)) return children.map(inlineText).join('').split('\n')
  return children.flatMap((child) => (child instanceof Y.XmlElement ? block(child) : [inlineText(child)]))
}

function block(element: Y.XmlElement): string[] {
  const inner = lines(element)
  if (element.nodeName !== 'listItem') return inner
  return inner.map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`))
}

type Node = Y.XmlElement | Y.XmlText | Y.XmlHook

function isInline(node: Node): boolean {
  return node instanceof Y.XmlText || (node instanceof Y.XmlElement && node.nodeName === 'hardBreak')
}

function inlineText(node: Node): string {
  if (!(node instanceof Y.XmlText)) return isInline(node) ? '\n' : ''
  return node
    .toDelta()
    .map((part: { insert?: unknown }) => (typeof part.insert === 'string' ? part.insert : ''))
    .join('')
}
