/**
 * Words that nobody deleted and that are gone: somebody turned the block that they were being written into into another one, or
 * removed it, without knowing of them. Yjs cannot rename a block: a paragraph that becomes a heading is deleted, and what
 * was written into it meanwhile goes with it. [OFF-13]
 */
import * as Y from 'yjs'
import { type Block, type BlockKind, fingerprintOf, MARKED_BY, type Ranges, saysSomething, textRuns, type Writing } from './writing'

/** Who wrote in an update. */
export function clientsOf(update: Uint8Array): readonly number[] {
  return [...Y.parseUpdateMeta(update).to.keys()]
}

type Deletes = Y.Transaction['deleteSet']

/** What we had written and a transaction of others' took away, without their `update` saying that it meant to. */
export function ownStranded(transaction: Y.Transaction, update: Uint8Array, mine: ReadonlySet<number>, sections: readonly string[]): Writing | null {
  return stranded(transaction, update, sections, ({ id }) => mine.has(id.client), [transaction.deleteSet])
}

/** What others had written, and came into a block that we had taken away in an edit which nobody has yet: one of these. */
export function othersStranded(transaction: Y.Transaction, update: Uint8Array, edits: readonly Uint8Array[], mine: ReadonlySet<number>, sections: readonly string[]): Writing | null {
  const { beforeState, deleteSet } = transaction
  const isNew = ({ id }: Y.Item): boolean => !mine.has(id.client) && id.clock >= (beforeState.get(id.client) ?? 0)
  if (edits.length === 0) return null
  const ours = edits.map((edit) => Y.decodeUpdate(edit).ds).filter(({ clients }) => clients.size > 0)
  return stranded(transaction, update, sections, (item) => isNew(item) && isIn(item, ours), [deleteSet, ...ours])
}

/**
 * Read while what was deleted is still there. `gone`: what stood there until it went, and is told as what stood around the words.
 * Null: nothing that says something.
 */
function stranded(transaction: Y.Transaction, update: Uint8Array, sections: readonly string[], counts: (item: Y.Item) => boolean, gone: readonly Deletes[]): Writing | null {
  const found: Y.Item[] = []
  Y.iterateDeletedStructs(transaction, transaction.deleteSet, (item) => {
    if (item instanceof Y.Item && item.content instanceof Y.ContentString && counts(item)) found.push(item)
  })
  if (found.length === 0) return null
  const meant = Y.decodeUpdate(update).ds
  const ranges = new Map<number, (readonly [from: number, to: number])[]>()
  const texts = new Set<Y.XmlText>()
  for (const item of found) {
    const left = unmeant(item, meant)
    if (left.length === 0 || !(item.parent instanceof Y.XmlText)) continue
    texts.add(item.parent)
    ranges.set(item.id.client, [...(ranges.get(item.id.client) ?? []), ...left])
  }
  const stood = (item: Y.Item): boolean => !item.deleted || gone.some((deletes) => Y.isDeleted(deletes, item.id))
  const blocks = (section: string): readonly Block[] => [...texts].flatMap((text) => blockOf(text, transaction.doc.getXmlFragment(section), ranges, stood))
  const writing: Writing = {
    sections: sections.map((section) => ({ section, blocks: blocks(section) })).filter((each) => each.blocks.length > 0),
    head: [],
    removed: false,
    fingerprint: fingerprintOf(ranges),
  }
  return saysSomething(writing) ? writing : null
}

/** Whether it lies in something that was deleted there. */
function isIn({ parent }: Y.Item, deletes: readonly Deletes[]): boolean {
  for (let around = parent; around instanceof Y.AbstractType && around._item !== null; around = around._item.parent) {
    const { id } = around._item
    if (deletes.some((each) => Y.isDeleted(each, id))) return true
  }
  return false
}

/** Of one item others may have known the beginning: what was typed later is joined to it. */
function unmeant({ id: { client, clock }, length }: Y.Item, meant: Deletes): readonly (readonly [from: number, to: number])[] {
  const found: [number, number][] = []
  for (let at = clock; at < clock + length; at++) {
    if (Y.isDeleted(meant, Y.createID(client, at))) continue
    const last = found.at(-1)
    if (last?.[1] === at) last[1] = at + 1
    else found.push([at, at + 1])
  }
  return found
}

/** A text as it stood until now, with what others had written around the words; nothing if it was not in this section. */
function blockOf(text: Y.XmlText, section: Y.XmlFragment, ranges: Ranges, stood: (item: Y.Item) => boolean): readonly Block[] {
  const kind = kindOf(text, section)
  return kind === null ? [] : [{ kind, runs: textRuns(text, ranges, stood) }]
}

/** What the innermost element that says so makes of a text; null: the text is elsewhere. */
function kindOf(text: Y.XmlText, section: Y.XmlFragment): BlockKind | null {
  let kind: BlockKind | undefined
  for (let around = text._item?.parent; around instanceof Y.AbstractType; around = around._item?.parent) {
    if (around === section) return kind ?? 'paragraph'
    if (around instanceof Y.XmlElement) kind ??= MARKED_BY.get(around.nodeName)
  }
  return null
}
