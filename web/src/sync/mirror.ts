/** A copy of a document for those who only read. */
import * as Y from 'yjs'

/**
 * It follows the original and never writes back: an editor mends what it cannot show even in front of a reader, and a reader's
 * edit, however well meant, is refused.
 */
export function mirror(original: Y.Doc): Y.Doc {
  const copy = new Y.Doc()
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(original))
  original.on('update', (update: Uint8Array) => Y.applyUpdate(copy, update))
  original.on('destroy', () => copy.destroy())
  return copy
}
