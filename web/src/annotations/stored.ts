/**
 * How a mark is kept: in the discussion's root map `annotations`, one map each, whose JSON is a W3C Web Annotation
 * (https://www.w3.org/TR/annotation-model/) with selectors of our own for what the standard has none for (docs/annotations.md).
 * What two people may change at once stands under keys of its own. It is read as what strangers sent: nothing is believed.
 */
import * as Y from 'yjs'
import type { Point } from '../viewer/geometry'
import { type Annotation, type Author, type Coded, type Drawn, POINTS, type Reply, type Shape, SHAPES, type Spot } from './annotation'

export const ANNOTATIONS = 'annotations'

/** More than anybody writes or draws; what is longer is cut off, what is further out is not shown. */
export const LONGEST = { label: 500, reply: 10_000, name: 200, id: 200 } as const
export const MOST_REPLIES = 1_000
/** With what was taken back, or means nothing: what is behind them is not looked at. */
const MOST_ENTRIES = 10 * MOST_REPLIES
export const FURTHEST = 1_000_000
const MOST_FRAMES = 1_000_000
const LONGEST_FILM_SECONDS = 1_000_000

type Stored = Y.Map<unknown>

/** Who wrote what a client id stands on; `claimed` is what the page that wrote it said of itself. */
export type Judge = (client: number, clock: number, claimed: Author) => Author

const SNOMED = 'http://snomed.info/sct'

/** A mark as it is when it is made. */
export function stored(id: string, drawn: Drawn, by: Author, at: Date): Stored {
  const label = mapOf({ type: 'TextualBody', purpose: 'describing', format: 'text/plain', value: drawn.label })
  const body = new Y.Array<unknown>()
  body.push([label])
  const target = mapOf({ source: `media/${drawn.media}`, selector: selectorOf(drawn) })
  return mapOf({
    id: `annotations/${id}`,
    type: 'Annotation',
    motivation: 'describing',
    created: at.toISOString(),
    creator: creatorOf(by),
    body,
    ...(drawn.code === null ? {} : { coded: codeOf(drawn.code) }),
    target,
  })
}

function selectorOf({ spot, shape, points }: Drawn): Stored {
  const marked = mapOf({ type: 'ShapeSelector', shape, points: points.flatMap(({ x, y }) => [x, y]), handles: new Y.Map() })
  if (spot.file !== null || spot.frame !== null) return mapOf({ type: 'FrameSelector', file: spot.file, frame: spot.frame, refinedBy: marked })
  if (spot.seconds === null) return marked
  return mapOf({ type: 'FragmentSelector', conformsTo: 'http://www.w3.org/TR/media-frags/', value: `t=npt:${spot.seconds}`, refinedBy: marked })
}

/** A reply never changes: one value. */
export function storedReply(id: string, text: string, by: Author, at: Date): Record<string, unknown> {
  return { id: `annotations/${id}`, type: 'TextualBody', purpose: 'replying', format: 'text/plain', value: text, created: at.toISOString(), creator: creatorOf(by) }
}

function creatorOf({ id, name, role, color }: Author): Record<string, unknown> {
  return { id: `members/${id}`, type: 'Person', name, role, color }
}

export function codeOf({ system, code, display }: Coded): Record<string, unknown> {
  const source = system === SNOMED ? `http://snomed.info/id/${code}` : `${system}#${code}`
  return { type: 'SpecificResource', purpose: 'classifying', source, system, code, display }
}

function mapOf(values: Record<string, unknown>): Stored {
  return new Y.Map(Object.entries(values))
}

/** Null: it is nothing that can be shown. */
export function read(id: string, from: unknown, judge: Judge): Annotation | null {
  if (!(from instanceof Y.Map) || from._item === null) return null
  const target = from.get('target')
  const media = target instanceof Y.Map ? tail(target.get('source'), 'media/') : null
  const marked = target instanceof Y.Map ? shapeIn(target) : null
  const spot = target instanceof Y.Map ? spotIn(target.get('selector')) : null
  const drawn = marked === null ? null : drawnIn(marked)
  if (media === null || spot === null || drawn === null) return null
  const { client, clock } = from._item.id
  const at = dateOf(from.get('created')) ?? new Date(0)
  return {
    id,
    media,
    spot,
    ...drawn,
    label: cut(labelIn(from)?.get('value'), LONGEST.label),
    code: codeIn(from.get('coded')),
    by: judge(client, clock, authorOf(from.get('creator'))),
    at,
    changed: dateOf(from.get('modified')) ?? at,
    replies: repliesIn(from.get('body'), judge),
    isResolved: from.get('resolved') === true,
    isLocked: from.get('locked') === true,
    isRemoved: from.get('removed') === true,
  }
}

/** The map that holds where the points are: the selector, or what refines it. */
export function shapeIn(target: Stored): Stored | null {
  let selector = target.get('selector')
  if (selector instanceof Y.Map && selector.get('type') !== 'ShapeSelector') selector = selector.get('refinedBy')
  return selector instanceof Y.Map && selector.get('type') === 'ShapeSelector' ? selector : null
}

/** The map that holds the label; of several the first. */
export function labelIn(mark: Stored): Stored | null {
  const body = mark.get('body')
  if (!(body instanceof Y.Array)) return null
  let looked = 0
  for (const each of body) {
    if (each instanceof Y.Map && each.get('purpose') === 'describing') return each
    if (++looked > MOST_ENTRIES) return null
  }
  return null
}

function drawnIn(marked: Stored): { readonly shape: Shape; readonly points: readonly Point[] } | null {
  const shape = shapeOf(marked.get('shape'))
  const flat = marked.get('points')
  if (shape === null || !Array.isArray(flat)) return null
  const count = flat.length / 2
  if (!Number.isInteger(count) || count < POINTS[shape].least || count > POINTS[shape].most) return null
  const [right, down] = offsetIn(marked)
  const handles = marked.get('handles')
  const points: Point[] = []
  for (let at = 0; at < count; at++) {
    const moved = handles instanceof Y.Map && handles.size > 0 ? handles : null
    const [x, y] = pair(moved?.get(String(at))) ?? pair([flat[2 * at], flat[2 * at + 1]]) ?? [NaN, NaN]
    const point = { x: (near(moved?.get(`${at}x`)) ?? x) + right, y: (near(moved?.get(`${at}y`)) ?? y) + down }
    if (!isNear(point.x) || !isNear(point.y)) return null
    points.push(point)
  }
  return { shape, points }
}

/** How far all of it was moved since it was drawn. */
export function offsetIn(marked: Stored): readonly [x: number, y: number] {
  return pair(marked.get('offset')) ?? [0, 0]
}

function spotIn(selector: unknown): Spot | null {
  if (!(selector instanceof Y.Map)) return null
  switch (selector.get('type')) {
    case 'ShapeSelector':
      return { file: null, frame: null, seconds: null }
    case 'FrameSelector': {
      const [file, frame] = [selector.get('file') ?? null, selector.get('frame') ?? null]
      if (file !== null && (typeof file !== 'string' || file.length > LONGEST.id)) return null
      if (frame !== null && (typeof frame !== 'number' || !Number.isInteger(frame) || frame < 0 || frame > MOST_FRAMES)) return null
      return { file, frame, seconds: null }
    }
    case 'FragmentSelector': {
      const value = selector.get('value')
      const seconds = typeof value === 'string' ? Number(/^t=npt:(\d{1,7}(?:\.\d{1,20})?)$/.exec(value)?.[1] ?? NaN) : NaN
      return seconds <= LONGEST_FILM_SECONDS ? { file: null, frame: null, seconds } : null
    }
    default:
      return null
  }
}

/** Item by item: a reply's author is who brought it, whatever it says. */
function repliesIn(body: unknown, judge: Judge): readonly Reply[] {
  const found: Reply[] = []
  if (!(body instanceof Y.Array)) return found
  let looked = 0
  for (let item: Y.Item | null = body._start; item !== null && found.length < MOST_REPLIES && looked < MOST_ENTRIES; item = item.right) {
    looked += 1
    if (item.deleted || !(item.content instanceof Y.ContentAny)) continue
    for (const [at, value] of item.content.arr.entries()) {
      const id = tail(field(value, 'id'), 'annotations/')
      const text = field(value, 'value')
      if (id === null || typeof text !== 'string' || field(value, 'purpose') !== 'replying') continue
      const by = judge(item.id.client, item.id.clock + at, authorOf(field(value, 'creator')))
      found.push({ id, by, at: dateOf(field(value, 'created')) ?? new Date(0), text: cut(text, LONGEST.reply) })
      if (found.length >= MOST_REPLIES) break
    }
  }
  return found
}

function authorOf(value: unknown): Author {
  const color = field(value, 'color')
  return {
    id: tail(field(value, 'id'), 'members/') ?? '',
    name: cut(field(value, 'name'), LONGEST.name),
    role: cut(field(value, 'role'), LONGEST.name),
    color: typeof color === 'string' && /^#[0-9a-f]{6}$/i.test(color) ? color : '#5b6b78',
  }
}

function codeIn(value: unknown): Coded | null {
  const [system, code] = [field(value, 'system'), field(value, 'code')]
  if (typeof system !== 'string' || typeof code !== 'string' || system.length > LONGEST.id || code.length > LONGEST.id || code === '') return null
  return { system, code, display: cut(field(value, 'display'), LONGEST.label) }
}

function shapeOf(value: unknown): Shape | null {
  for (const shape of SHAPES) if (shape === value) return shape
  return null
}

export const isNear = (value: number): boolean => Number.isFinite(value) && Math.abs(value) <= FURTHEST

const near = (value: unknown): number | null => (typeof value === 'number' && isNear(value) ? value : null)

function pair(value: unknown): readonly [number, number] | null {
  if (!Array.isArray(value) || value.length !== 2) return null
  const [x, y] = [near(value[0]), near(value[1])]
  return x === null || y === null ? null : [x, y]
}

function tail(value: unknown, beginning: string): string | null {
  if (typeof value !== 'string' || !value.startsWith(beginning)) return null
  return value.length > beginning.length && value.length <= LONGEST.id ? value.slice(beginning.length) : null
}

function cut(value: unknown, longest: number): string {
  return typeof value === 'string' ? value.slice(0, longest) : ''
}

function dateOf(value: unknown): Date | null {
  const at = typeof value === 'string' && value.length <= LONGEST.id ? Date.parse(value) : NaN
  return Number.isNaN(at) ? null : new Date(at)
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
