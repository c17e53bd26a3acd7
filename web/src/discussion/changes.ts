/** What somebody changed of marks that were there before: read from what they brought, and done once more. [DISC-5] */
import * as Y from 'yjs'
import { type Annotation, type Author, isOpenTo, type Marked, type Shape } from '../annotations/annotation'
import { type Handle, handlesOf, isBox } from '../annotations/handles'
import { type Judge, labelIn, read, shapeIn } from '../annotations/stored'
import { covers, type LostChange, type Ranges } from '../sync/writing'
import type { Point } from '../viewer/geometry'

type Deletes = Y.Transaction['deleteSet']

/** What certain updates brought: items of these ranges, and the end of others. */
export interface Brought {
  readonly ranges: Ranges
  readonly deletes: readonly Deletes[]
}

const ALL = 'offset'
const claimed: Judge = (_client, _clock, by) => by

/** None: nothing of it was changed, or it is no mark. */
export function lostChange(id: string, mark: Y.Map<unknown>, brought: Brought): readonly LostChange[] {
  const now = read(id, mark, claimed)
  if (now === null) return []
  const { media, spot, shape, points, label, code } = now
  const own = ownReplies(mark, brought.ranges)
  const is = (key: string, value: boolean): boolean | null => (isBrought(mark, key, brought) ? value : null)
  const change: LostChange = {
    id,
    ...{ media, spot, shape, points, label, code },
    moved: movedIn(mark, brought),
    isLabelled: isBrought(labelIn(mark), 'value', brought),
    isCoded: isBrought(mark, 'coded', brought),
    isRemoved: is('removed', now.isRemoved),
    isResolved: is('resolved', now.isResolved),
    isLocked: is('locked', now.isLocked),
    replies: now.replies.filter((reply) => own.has(reply.id)).map(({ text }) => text),
  }
  return deedsOf(change).length === 0 ? [] : [change]
}

/** What was put there or taken away, and stands so; not what was put there and taken back again. */
function isBrought(map: Y.Map<unknown> | null, key: string, { ranges, deletes }: Brought): boolean {
  const item = map?._map.get(key)
  if (item === undefined) return false
  if (!item.deleted) return covers(ranges, item.id)
  for (let each: Y.Item | null = item; each !== null; each = each.left) {
    const { id } = each
    if (!covers(ranges, id) && deletes.some((deleted) => Y.isDeleted(deleted, id))) return true
  }
  return false
}

function movedIn(mark: Y.Map<unknown>, brought: Brought): readonly string[] {
  const target = mark.get('target')
  const marked = target instanceof Y.Map ? shapeIn(target) : null
  const handles = marked?.get('handles')
  const own = handles instanceof Y.Map ? [...handles.keys()].filter((key) => isBrought(handles, key, brought)) : []
  return isBrought(marked, ALL, brought) ? [ALL, ...own] : own
}

function ownReplies(mark: Y.Map<unknown>, ranges: Ranges): ReadonlySet<string> {
  const found = new Set<string>()
  const body = mark.get('body')
  for (let item = body instanceof Y.Array ? body._start : null; item !== null; item = item.right) {
    if (item.deleted || !(item.content instanceof Y.ContentAny)) continue
    for (const [at, said] of item.content.arr.entries()) {
      const id: unknown = typeof said === 'object' && said !== null ? Reflect.get(said, 'id') : null
      if (typeof id === 'string' && covers(ranges, Y.createID(item.id.client, item.id.clock + at))) found.add(id.replace(/^annotations\//, ''))
    }
  }
  return found
}

export type Deed = 'moved' | 'labelled' | 'coded' | 'removed' | 'restored' | 'resolved' | 'reopened' | 'locked' | 'unlocked' | 'answered'

/** What was done, by name. */
export function deedsOf({ moved, isLabelled, isCoded, isRemoved, isResolved, isLocked, replies }: LostChange): readonly Deed[] {
  const all: readonly (readonly [Deed, boolean])[] = [
    ['moved', moved.length > 0],
    ['labelled', isLabelled],
    ['coded', isCoded],
    ['removed', isRemoved === true],
    ['restored', isRemoved === false],
    ['resolved', isResolved === true],
    ['reopened', isResolved === false],
    ['locked', isLocked === true],
    ['unlocked', isLocked === false],
    ['answered', replies.length > 0],
  ]
  return all.filter(([, was]) => was).map(([deed]) => deed)
}

/** What of it stands among the words. */
export const wordsOfChange = ({ label, isLabelled, code, isCoded, replies }: LostChange): readonly string[] => [...(isLabelled ? [label] : []), ...(isCoded ? [code?.display ?? ''] : []), ...replies]

/** Whether the mark is there, and theirs to change. */
export function canApply({ id, isRemoved }: LostChange, marked: Marked, me: Pick<Author, 'id' | 'role'>): boolean {
  const mark = marked.find(id)
  return marked.mayMark && mark !== null && isOpenTo(mark, me) && (!mark.isRemoved || isRemoved === false)
}

/** Once more, and nothing besides: what others have changed since in other places of it stays. */
export function applyAgain(change: LostChange, marked: Marked): void {
  const { id, isRemoved, isResolved, isLocked, replies } = change
  if (isRemoved === false) marked.restore(id)
  moveAgain(change, marked)
  if (change.isLabelled) marked.describe(id, { label: change.label })
  if (change.isCoded) marked.describe(id, { code: change.code })
  for (const reply of replies) marked.reply(id, reply)
  if (isResolved !== null) marked.resolve(id, isResolved)
  if (isLocked !== null) marked.lock(id, isLocked)
  if (isRemoved === true) marked.remove(id)
}

/** What was moved lies where it lay for whoever moved it. */
function moveAgain({ id, shape, points, moved }: LostChange, marked: Marked): void {
  const mark = marked.find(id)
  if (mark === null || mark.shape !== shape) return
  if (moved.includes(ALL)) {
    const by = { x: offBy('x', points, mark, moved), y: offBy('y', points, mark, moved) }
    if (by.x !== 0 || by.y !== 0) marked.moveAll(id, by)
  }
  for (const key of moved) {
    const point = points[Number.parseInt(key, 10)]
    const at = handleOf(key, mark)
    if (point !== undefined && at >= 0) marked.moveHandle(id, at, point)
  }
}

/** Measured at a point that was moved with all of them, and not by itself. */
function offBy(axis: keyof Point, points: readonly Point[], { points: now }: Annotation, moved: readonly string[]): number {
  const free = points.findIndex((_, at) => !moved.includes(String(at)) && !moved.includes(`${at}${axis}`))
  const at = Math.max(free, 0)
  return (points[at]?.[axis] ?? 0) - (now[at]?.[axis] ?? 0)
}

/** Which handle moves what stands under a key: a point, or one side of a box. */
function handleOf(key: string, mark: { readonly shape: Shape; readonly points: readonly Point[] }): number {
  const at = Number.parseInt(key, 10)
  const wanted: Handle = { x: key.endsWith('y') ? null : at, y: key.endsWith('x') ? null : at }
  if (!isBox(mark.shape) && /[xy]$/.test(key)) return -1
  return handlesOf(mark).findIndex(({ x, y }) => x === wanted.x && y === wanted.y)
}
