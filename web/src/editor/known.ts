/** Whether the editor knows everything that a section holds. */
import type { Node, Schema } from '@tiptap/pm/model'
import * as Y from 'yjs'
import { isSpan } from './table'

/**
 * The binding deletes what its schema does not know, from the shared document and for everybody, as soon as it is shown.
 * Other clients may write with a richer schema: what is unknown here must not come near the binding.
 */
export function isKnown(fragment: Y.XmlFragment, schema: Schema): boolean {
  return fragment.toArray().every((block) => isKnownBlock(block, schema))
}

/** The same after some changes, if it was true before: only the blocks that they touched are read. */
export function isStillKnown(fragment: Y.XmlFragment, events: readonly Y.YEvent<Y.AbstractType<unknown>>[], schema: Schema): boolean {
  const touched = new Set<unknown>()
  for (const { target, changes } of events) {
    if (target !== fragment) touched.add(blockAround(target, fragment))
    else for (const { content } of changes.added) for (const block of content.getContent()) touched.add(block)
  }
  return [...touched].every((block) => block === null || isKnownBlock(block, schema))
}

/** The child of the section that a type lies in; null when it is no longer part of it. */
function blockAround(type: Y.AbstractType<unknown>, fragment: Y.XmlFragment): unknown {
  let block: Y.AbstractType<unknown> = type
  while (block.parent !== fragment) {
    if (block.parent === null) return null
    block = block.parent
  }
  return block._item?.deleted === true ? null : block
}

function isKnownBlock(block: unknown, schema: Schema): boolean {
  return block instanceof Y.XmlElement && build(block, schema) !== 'unknown'
}

/** What is left of a list or a table when everything in it was deleted by two people: nothing of it can be lost. */
type Ruin = 'ruin'
type Built = Node | Ruin | 'unknown'

/** Makes of an element what the binding would make of it. */
function build(element: Y.XmlElement, schema: Schema): Built {
  const type = schema.nodes[element.nodeName]
  const attributes: Record<string, unknown> = element.getAttributes()
  if (type === undefined || !areKnown(attributes, type.spec.attrs)) return 'unknown'
  if (['colspan', 'rowspan'].some((name) => attributes[name] !== undefined && !isSpan(attributes[name]))) return 'unknown'
  const children: Node[] = []
  for (const child of element.toArray()) {
    const made = child instanceof Y.XmlElement ? build(child, schema) : text(child, schema)
    if (made === 'unknown') return 'unknown'
    if (made !== 'ruin') children.push(...(Array.isArray(made) ? made : [made]))
  }
  try {
    return type.createChecked(attributes, children)
  } catch {
    return children.every(isHollow) ? 'ruin' : 'unknown'
  }
}

function isHollow(node: Node): boolean {
  let hollow = !node.isText && !node.isAtom
  node.descendants((inner) => (hollow &&= !inner.isText && !inner.isAtom))
  return hollow
}

function text(text: Y.XmlText | Y.XmlHook, schema: Schema): Node[] | 'unknown' {
  if (!(text instanceof Y.XmlText)) return 'unknown'
  const nodes: Node[] = []
  const pieces: readonly { insert?: unknown; attributes?: object }[] = text.toDelta()
  for (const { insert, attributes = {} } of pieces) {
    if (typeof insert !== 'string') return 'unknown'
    const marks = Object.entries(attributes).map(([name, value]) => ({ type: schema.marks[markName(name)], value }))
    if (!marks.every(({ type, value }) => type !== undefined && areKnown(value, type.spec.attrs))) return 'unknown'
    if (insert !== '') nodes.push(schema.text(insert))
  }
  return nodes
}

/** Attributes that the schema does not have would go when the node is next edited here. */
function areKnown(attributes: unknown, known: Readonly<Record<string, unknown>> = {}): boolean {
  if (attributes === true) return true
  if (typeof attributes !== 'object' || attributes === null) return false
  return Object.entries(attributes).every(([name, value]) => value === null || value === undefined || Object.hasOwn(known, name))
}

/** Marks that may overlap themselves carry a digest after their name. */
function markName(attribute: string): string {
  return attribute.replace(/--.*$/, '')
}
