/** What of a document was written in certain updates: the words, block by block, with what stood around them. */
import * as Y from 'yjs'
import type { Drawn } from '../annotations/annotation'

export interface Run {
  readonly text: string
  /** Written in the updates asked about; otherwise it stood there already and is given as context. */
  readonly own: boolean
  readonly bold: boolean
  readonly italic: boolean
}

export const BLOCK_KINDS = ['paragraph', 'heading', 'bullet', 'number', 'task', 'cell'] as const
export type BlockKind = (typeof BLOCK_KINDS)[number]

export interface Block {
  readonly kind: BlockKind
  readonly runs: readonly Run[]
}

export interface SectionWriting {
  readonly section: string
  /** Only blocks that hold something written in these updates. */
  readonly blocks: readonly Block[]
}

/** A mark of one's own, with what one said of it oneself. */
export interface LostMark extends Drawn {
  readonly replies: readonly string[]
}

/** A mark that was there before, as it would be with what one changed of it oneself; null: that was left alone. */
export interface LostChange extends LostMark {
  readonly id: string
  /** Which points, or sides of a box, by their keys in the document; `offset` is all of it. */
  readonly moved: readonly string[]
  readonly isLabelled: boolean
  readonly isCoded: boolean
  readonly isRemoved: boolean | null
  readonly isResolved: boolean | null
  readonly isLocked: boolean | null
}

export interface Writing {
  readonly sections: readonly SectionWriting[]
  /** What was drawn, of the discussion; where there is none, nothing was. */
  readonly marks?: readonly LostMark[]
  /** What was changed of marks that were there before. */
  readonly changes?: readonly LostChange[]
  /** Fields of the head: name → what was put there. */
  readonly head: readonly (readonly [string, string])[]
  /** Whether something was also taken out, which is back now. */
  readonly removed: boolean
  /** Names the edits themselves, so that two tabs that hold the same ones know. */
  readonly fingerprint: string
}

/** The name of the map beside the sections. */
export const HEAD = 'head'

export type Ranges = ReadonlyMap<number, readonly (readonly [from: number, to: number])[]>

/** Elements that make another kind of block of what is in them. */
export const MARKED_BY: ReadonlyMap<string, BlockKind> = new Map([
  ['heading', 'heading'],
  ['bulletList', 'bullet'],
  ['orderedList', 'number'],
  ['taskItem', 'task'],
  ['tableCell', 'cell'],
  ['tableHeader', 'cell'],
])
const INLINE = new Set(['hardBreak', 'mention'])

/** How what was written into a document is read: its texts' words, or what else holds words there. */
export interface Words {
  /** What of it came with these updates. */
  written(doc: Y.Doc, updates: readonly Uint8Array[], held?: Held): Writing
  /** What was written into `doc` through itself, by its one client, and is not in `other`. */
  lacking(other: Y.Doc, doc: Y.Doc): Writing
}

/** How many clocks of each client the server has, acknowledged or not: those are in the document, and in no draft. */
export type Held = ReadonlyMap<number, number>

/** The words of these texts, and of the head. */
export function wordsOfSections(sections: readonly string[]): Words {
  return {
    written: (doc, updates, held) => writingOf(doc, updates, sections, held),
    lacking: (other, doc) => lackingIn(other, doc, sections),
  }
}

export function writingOf(doc: Y.Doc, updates: readonly Uint8Array[], sections: readonly string[], held: Held = new Map()): Writing {
  const { ranges, removed } = rangesOf(updates, held)
  return writingIn(doc, ranges, removed, sections)
}

export function lackingIn(other: Y.Doc, doc: Y.Doc, sections: readonly string[]): Writing {
  return writingIn(doc, rangesLacking(other, doc), false, sections)
}

/** What `doc` itself wrote, by its one client, and `other` does not have. */
export function rangesLacking(other: Y.Doc, doc: Y.Doc): Ranges {
  const client = doc.clientID
  const [from, to] = [Y.getState(other.store, client), Y.getState(doc.store, client)]
  return new Map(from < to ? [[client, [[from, to]]]] : [])
}

function writingIn(doc: Y.Doc, ranges: Ranges, removed: boolean, sections: readonly string[]): Writing {
  return {
    sections: sections
      .map((section) => ({ section, blocks: [...blocksOf(doc.getXmlFragment(section), 'paragraph', ranges)] }))
      .filter(({ blocks }) => blocks.length > 0),
    head: headOf(doc, ranges),
    removed,
    fingerprint: fingerprintOf(ranges),
  }
}

/** Whether there is a word or a drawing in it. */
export function saysSomething(writing: Writing): boolean {
  const { head, marks = [], changes = [] } = writing
  return head.length + marks.length + changes.length > 0 || writing.sections.some(({ blocks }) => blocks.some((block) => ownText(block).trim() !== ''))
}

/** The words themselves, without what stood around them. */
export function ownText(block: Block): string {
  return block.runs
    .filter(({ own }) => own)
    .map(({ text }) => text)
    .join('')
}

/** A section's words as plain text, one block a line. */
export function plainWriting({ blocks }: SectionWriting): string {
  return blocks
    .map((block) => `${block.kind === 'bullet' || block.kind === 'number' || block.kind === 'task' ? '- ' : ''}${ownText(block)}`)
    .filter((line) => line.replace(/^- /, '').trim() !== '')
    .join('\n')
}

export function rangesOf(updates: readonly Uint8Array[], held: Held): { ranges: Ranges; removed: boolean } {
  const ranges = new Map<number, (readonly [number, number])[]>()
  let removed = false
  for (const update of updates) {
    const { structs, ds } = Y.decodeUpdate(update)
    for (const struct of structs) {
      if (struct instanceof Y.Skip) continue
      const { client, clock } = struct.id
      const [from, to] = [Math.max(clock, held.get(client) ?? 0), clock + struct.length]
      if (from >= to) continue
      const known = ranges.get(client) ?? []
      const last = known[known.length - 1]
      // One person's letters follow each other: one range instead of one for each keystroke.
      if (last !== undefined && last[1] === from) known[known.length - 1] = [last[0], to]
      else known.push([from, to])
      ranges.set(client, known)
    }
    if (ds.clients.size > 0) removed = true
  }
  return { ranges, removed }
}

export function covers(ranges: Ranges, { client, clock }: Y.ID): boolean {
  return ranges.get(client)?.some(([from, to]) => from <= clock && clock < to) ?? false
}

function* blocksOf(parent: Y.XmlFragment, kind: BlockKind, ranges: Ranges): Generator<Block> {
  const children = parent.toArray()
  if (parent instanceof Y.XmlElement && children.length > 0 && children.every(isInline)) {
    const runs = children.flatMap((child) => runsOf(child, ranges))
    if (runs.some(({ own }) => own)) yield { kind, runs }
    return
  }
  for (const child of children) {
    if (child instanceof Y.XmlElement) yield* blocksOf(child, MARKED_BY.get(child.nodeName) ?? kind, ranges)
    else if (child instanceof Y.XmlText) {
      const runs = runsOf(child, ranges)
      if (runs.some(({ own }) => own)) yield { kind, runs }
    }
  }
}

type Node = Y.XmlElement | Y.XmlText | Y.XmlHook

function isInline(node: Node): boolean {
  return node instanceof Y.XmlText || (node instanceof Y.XmlElement && INLINE.has(node.nodeName))
}

function runsOf(node: Node, ranges: Ranges): Run[] {
  if (node instanceof Y.XmlText) return textRuns(node, ranges)
  if (!(node instanceof Y.XmlElement)) return []
  const own = node._item !== null && covers(ranges, node._item.id)
  const label = node.getAttribute('label')
  return [{ text: node.nodeName === 'hardBreak' ? '\n' : `@${label ?? ''}`, own, bold: false, italic: false }]
}

/**
 * Letters of one item may stand on both sides of what is new: yjs merges neighbours, so each letter is asked by its own id.
 * `isThere`: which items count as standing there.
 */
export function textRuns(text: Y.XmlText, ranges: Ranges, isThere = ({ deleted }: Y.Item): boolean => !deleted): Run[] {
  const runs: Run[] = []
  let [bold, italic] = [false, false]
  for (let item = text._start; item !== null; item = item.right) {
    if (!isThere(item)) continue
    if (item.content instanceof Y.ContentFormat) {
      if (item.content.key === 'bold') bold = item.content.value !== null
      if (item.content.key === 'italic') italic = item.content.value !== null
    } else if (item.content instanceof Y.ContentString) {
      const letters = item.content.str
      for (let at = 0; at < letters.length; at++) {
        const own = covers(ranges, Y.createID(item.id.client, item.id.clock + at))
        const last = runs[runs.length - 1]
        const letter = letters.charAt(at)
        if (last !== undefined && last.own === own && last.bold === bold && last.italic === italic) {
          runs[runs.length - 1] = { ...last, text: last.text + letter }
        } else runs.push({ text: letter, own, bold, italic })
      }
    }
  }
  return runs
}

function headOf(doc: Y.Doc, ranges: Ranges): (readonly [string, string])[] {
  const head = doc.getMap(HEAD)
  return [...head._map]
    .filter(([, item]) => !item.deleted && covers(ranges, item.id))
    .map(([field]) => [field, String(head.get(field))] as const)
}

/** The same for the same letters. */
export function fingerprintOf(ranges: Ranges): string {
  return [...ranges]
    .map(([client, parts]) => `${client}:${Math.min(...parts.map(([from]) => from))}-${Math.max(...parts.map(([, to]) => to))}`)
    .sort()
    .join(' ')
}
