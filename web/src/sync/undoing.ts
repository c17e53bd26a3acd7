/** What one person can take back in one tab: a single pile for all sections, so that undo takes back the last change wherever it was. */
import * as Y from 'yjs'

export class Undoing extends Y.UndoManager {
  /** Counts only what the editors write: each adds the origin of its binding. */
  constructor(doc: Y.Doc, sections: readonly string[]) {
    super(
      sections.map((name) => doc.getXmlFragment(name)),
      {
        trackedOrigins: new Set(),
        deleteFilter: mayGo,
        captureTransaction: ({ meta }) => meta.get('addToHistory') !== false,
      },
    )
  }

  /** An editor ends the undo that it was given with itself; this one belongs to the session, and goes with its document. */
  override destroy(): void {
    return undefined
  }
}

/** A heading, a row, a paragraph into which others wrote meanwhile stays when its maker takes it back. */
function mayGo(item: Y.Item): boolean {
  if (!(item.content instanceof Y.ContentType)) return true
  const { type } = item.content
  return !(type instanceof Y.Text || type instanceof Y.XmlElement) || type._length === 0
}
