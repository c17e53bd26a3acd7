/** What somebody brought into the discussion: marks as they drew them, what they changed of others, and as words labels, codes and replies. */
import * as Y from 'yjs'
import { ANNOTATIONS, type Judge, read } from '../annotations/stored'
import { type Brought, lostChange } from './changes'
import { covers, type LostMark, type Ranges, rangesLacking, rangesOf, fingerprintOf, type Words, type Writing } from '../sync/writing'

/** Of the discussion everything is one part, as a section is of the record; the name of none of these. */
export const DISCUSSION = 'discussion'

export const discussionWords: Words = {
  written(doc, updates, held = new Map()) {
    return writing(doc, { ranges: rangesOf(updates, held).ranges, deletes: updates.map((update) => Y.decodeUpdate(update).ds) })
  },
  lacking: (other, doc) => writing(doc, { ranges: rangesLacking(other, doc), deletes: [] }),
}

/** Nothing is ever taken out of it: what is removed bears a mark, and what is changed takes the place of what was there. */
function writing(doc: Y.Doc, brought: Brought): Writing {
  const root = doc.getMap(ANNOTATIONS)
  const { ranges } = brought
  const all = [...root.entries()].flatMap(([id, each]) => (each instanceof Y.Map && each._item !== null ? [{ id, each, isNew: covers(ranges, each._item.id) }] : []))
  const marks = all.flatMap(({ id, each, isNew }) => (isNew ? lostMark(id, each) : []))
  const changes = all.flatMap(({ id, each, isNew }) => (isNew ? [] : lostChange(id, each, brought)))
  const words = [...root.values()].flatMap((each) => (each instanceof Y.Map ? [...wordsIn(each, ranges)] : []))
  const run = (text: string) => ({ text, own: true, bold: false, italic: false })
  const blocks = words.filter((text) => text.trim() !== '').map((text) => ({ kind: 'paragraph' as const, runs: [run(text)] }))
  return { sections: blocks.length + marks.length + changes.length === 0 ? [] : [{ section: DISCUSSION, blocks }], marks, changes, head: [], removed: false, fingerprint: fingerprintOf(ranges) }
}

const claimed: Judge = (_client, _clock, by) => by

/** None: it was taken back, or is no mark. */
function lostMark(id: string, mark: Y.Map<unknown>): readonly LostMark[] {
  const found = read(id, mark, claimed)
  if (found === null || found.isRemoved) return []
  const { media, spot, shape, points, label, code, replies } = found
  return [{ media, spot, shape, points, label, code, replies: replies.map(({ text }) => text) }]
}

/** What of it stands among the words. */
export const wordsOfMark = ({ label, code, replies }: LostMark): readonly string[] => [label, code?.display ?? '', ...replies]

/** Of one mark: its code and its label, then what was replied. */
function* wordsIn(mark: Y.Map<unknown>, ranges: Ranges): Generator<string> {
  yield* own(mark, 'coded', ranges)
  const body = mark.get('body')
  if (!(body instanceof Y.Array)) return
  for (let item: Y.Item | null = body._start; item !== null; item = item.right) {
    if (item.deleted) continue
    if (item.content instanceof Y.ContentType && item.content.type instanceof Y.Map) yield* own(item.content.type, 'value', ranges)
    else if (item.content instanceof Y.ContentAny) {
      const { client, clock } = item.id
      for (const [at, said] of item.content.arr.entries()) if (covers(ranges, Y.createID(client, clock + at))) yield* textOf(said)
    }
  }
}

function own(map: Y.Map<unknown>, key: string, ranges: Ranges): readonly string[] {
  const item = map._map.get(key)
  return item === undefined || item.deleted || !covers(ranges, item.id) ? [] : textOf(map.get(key))
}

/** A text, or what in a value of ours is read as one. */
function textOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  const from: unknown = typeof value === 'object' && value !== null ? (Reflect.get(value, 'value') ?? Reflect.get(value, 'display')) : null
  return typeof from === 'string' ? [from] : []
}
