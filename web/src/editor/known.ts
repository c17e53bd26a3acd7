/** Whether the editor knows everything that a section holds. */
import type { Schema } from '@tiptap/pm/model'
import * as Y from 'yjs'

/**
 * The binding deletes what its schema does not know, from the shared document and for everybody, as soon as it is shown.
 * Other clients may write with a richer schema: what is unknown here must not come near the binding.
 */
export function isKnown(fragment: Y.XmlFragment, schema: Schema): boolean {
  return fragment.toArray().every((node) => node instanceof Y.XmlElement && isKnownElement(node, schema))
}

function isKnownElement(element: Y.XmlElement, schema: Schema): boolean {
  if (schema.nodes[element.nodeName] === undefined) return false
  return element
    .toArray()
    .every((child) => (child instanceof Y.XmlElement ? isKnownElement(child, schema) : isKnownText(child, schema)))
}

function isKnownText(text: Y.XmlText | Y.XmlHook, schema: Schema): boolean {
  if (!(text instanceof Y.XmlText)) return false
  return text
    .toDelta()
    .every(
      ({ insert, attributes = {} }: { insert?: unknown; attributes?: object }) =>
        typeof insert === 'string' && Object.keys(attributes).every((name) => schema.marks[markName(name)] !== undefined),
    )
}

/** Marks that may overlap themselves carry a digest after their name. */
function markName(attribute: string): string {
  return attribute.replace(/--.*$/, '')
}
