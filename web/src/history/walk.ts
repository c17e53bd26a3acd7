/** Reads a document's past: a section as it stood, and what is different between two moments, with who did it. */
import * as Y from 'yjs'
import { NEVER, type Past, type Piece } from './past'

/** What happened to a part between the earlier moment and the later one. */
export interface Change {
  readonly kind: 'in' | 'out' | 'look'
  /** A person's id; null: nobody knows any more. */
  readonly who: string | null
  readonly at: number | null
  /** People who moved what `who` had written, without whom it would not stand here; none: it stands where it was written. */
  readonly movers?: readonly string[]
}

export type Marks = Readonly<Record<string, unknown>>

export interface Run {
  readonly kind: 'text'
  readonly text: string
  readonly marks: Marks
  readonly change: Change | null
}

export interface Node {
  readonly kind: 'node'
  readonly name: string
  readonly attributes: Marks
  readonly children: readonly Part[]
  /** The node itself came, went, or looks different: a heading became another one, a box was ticked. */
  readonly change: Change | null
  /** Its item, `client-clock`: the same node at another moment has the same one. */
  readonly id: string
}

export type Part = Run | Node

/** From the earlier moment to the later one, both by the last entry that counts. Equal: nothing is different. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** A root's children, with what came and went in between. */
export function readSection(past: Past, name: string, span: Span): readonly Part[] {
  return joined(childrenOf(past, past.doc.getXmlFragment(name), span, true, true))
}

/** The plain values of a root map at a moment, and whether they are different from an earlier one. */
export function readMap(past: Past, name: string, span: Span): ReadonlyMap<string, Field> {
  const map = past.doc.getMap(name)
  const found = new Map<string, Field>()
  for (const key of map._map.keys()) {
    const [before, after] = [valueAt(past, map._map.get(key), span.from), valueAt(past, map._map.get(key), span.to)]
    if (before.value === undefined && after.value === undefined) continue
    found.set(key, { before: before.value, after: after.value, change: before.value === after.value ? null : after.change })
  }
  return found
}

export interface Field {
  readonly before: unknown
  readonly after: unknown
  readonly change: Change | null
}

function childrenOf(past: Past, parent: { readonly _start: Y.Item | null }, span: Span, wasThere: boolean, isThere: boolean): readonly Part[] {
  let found: Part[] = []
  const text = new Formats(past, span)
  for (let item = parent._start; item !== null; item = item.right) {
    const { content } = item
    if (content instanceof Y.ContentFormat) text.take(item, content)
    else if (content instanceof Y.ContentString || content instanceof Y.ContentType || content instanceof Y.ContentEmbed) {
      for (const piece of past.pieces(item)) {
        const before = wasThere && isAt(piece, span.from)
        const after = isThere && isAt(piece, span.to)
        if (!before && !after) continue
        const change = changeOf(past, item, piece, before, after)
        if (content instanceof Y.ContentString) append(found, text.run(content.str.slice(piece.from, piece.until), before, after, change))
        // Not pushed one by one as arguments: a paragraph may have more runs than a call may have arguments.
        else if (content instanceof Y.ContentType) found = found.concat(nodeOf(past, item, content.type, span, before, after, change))
        else found.push({ kind: 'node', name: 'embed', attributes: {}, children: [], change, id: idOf(item) })
      }
    }
  }
  return found
}

function nodeOf(
  past: Past,
  item: Y.Item,
  type: Y.AbstractType<unknown>,
  span: Span,
  before: boolean,
  after: boolean,
  change: Change | null,
): readonly Part[] {
  const children = childrenOf(past, type, span, before, after)
  if (type instanceof Y.XmlText || !(type instanceof Y.XmlElement)) return children // a text's runs stand in its block
  const own = attributesOf(past, type, span, before, after)
  return [
    { kind: 'node', name: type.nodeName, attributes: own.values, children: joined(children), change: change ?? own.change, id: idOf(item) },
  ]
}

function attributesOf(
  past: Past,
  type: Y.XmlElement,
  { from, to }: Span,
  before: boolean,
  after: boolean,
): { values: Marks; change: Change | null } {
  const values: Record<string, unknown> = {}
  let change: Change | null = null
  for (const [key, last] of type._map) {
    const shown = valueAt(past, last, after ? to : from)
    if (shown.value !== undefined && shown.value !== null) values[key] = shown.value
    if (!before || !after || from === to) continue
    const was = valueAt(past, last, from)
    if (!isSame(was.value, shown.value)) change = shown.change === null ? null : { ...shown.change, kind: 'look' }
  }
  return { values, change }
}

/** What a key held at a moment: the last that was written by then, unless it was gone by then. */
function valueAt(past: Past, last: Y.Item | undefined, seq: number): { value: unknown; change: Change | null } {
  for (let item = last ?? null; item !== null; item = item.left) {
    const piece = past.pieces(item)[0]
    if (piece === undefined || piece.came > seq) continue
    if (piece.went <= seq) return { value: undefined, change: moment(past, 'out', null, piece.went) }
    return { value: item.content.getContent().at(-1), change: moment(past, 'in', past.owner(item.id.client), piece.came) }
  }
  return { value: undefined, change: null }
}

/** The marks that hold while a text is read from its beginning, at both moments. */
class Formats {
  readonly #past: Past
  readonly #span: Span
  readonly #before = new Map<string, unknown>()
  readonly #after = new Map<string, unknown>()
  readonly #changes = new Map<string, Change>()
  /** Made once for all runs until the next format: the very same object, so that it is quickly told to be the same. */
  #marks: { readonly before: Marks; readonly after: Marks } | null = null

  constructor(past: Past, span: Span) {
    this.#past = past
    this.#span = span
  }

  take(item: Y.Item, { key, value }: Y.ContentFormat): void {
    const piece = this.#past.pieces(item)[0]
    if (piece === undefined) return
    this.#marks = null
    const [before, after] = [isAt(piece, this.#span.from), isAt(piece, this.#span.to)]
    if (before) this.#before.set(key, value)
    if (after) this.#after.set(key, value)
    const change = changeOf(this.#past, item, piece, before, after)
    if (change !== null) this.#changes.set(key, change)
  }

  run(text: string, before: boolean, after: boolean, change: Change | null): Run {
    this.#marks ??= { before: marksOf(this.#before), after: marksOf(this.#after) }
    const marks = after ? this.#marks.after : this.#marks.before
    return { kind: 'text', text, marks, change: change ?? (before && after ? this.#difference() : null) }
  }

  #difference(): Change | null {
    for (const [key, change] of this.#changes) {
      if (!isSame(this.#before.get(key) ?? null, this.#after.get(key) ?? null)) return { ...change, kind: 'look' }
    }
    return null
  }
}

function marksOf(formats: ReadonlyMap<string, unknown>): Marks {
  return Object.fromEntries([...formats].filter(([, value]) => value !== null))
}

function isAt({ came, went }: Piece, seq: number): boolean {
  return came <= seq && went > seq
}

function changeOf(past: Past, item: Y.Item, piece: Piece, before: boolean, after: boolean): Change | null {
  if (before === after) return null
  if (after) return arrival(past, item, piece)
  // What is gone because what it was in is gone has no moment of its own.
  return piece.went === NEVER ? { kind: 'out', who: null, at: null } : moment(past, 'out', null, piece.went)
}

function arrival(past: Past, item: Y.Item, { origin, came }: Piece): Change {
  if (origin === null) return moment(past, 'in', past.owner(item.id.client), came)
  const movers = origin.movers.map(({ who }) => who)
  return { ...moment(past, 'in', origin.author, came), ...(movers.length > 0 ? { movers } : {}) }
}

function moment(past: Past, kind: Change['kind'], owner: string | null, seq: number): Change {
  const found = past.moment(seq)
  return { kind, who: owner ?? found?.author ?? null, at: found?.at ?? null }
}

function idOf(item: Y.Item): string {
  return `${item.id.client}-${item.id.clock}`
}

/** Neighbouring runs that say the same of themselves are one. */
function joined(parts: readonly Part[]): readonly Part[] {
  const found: Part[] = []
  for (const part of parts) append(found, part)
  return found
}

function append(parts: Part[], part: Part): void {
  const last = parts.at(-1)
  if (last?.kind === 'text' && part.kind === 'text' && isSame(last.marks, part.marks) && isOne(last.change, part.change)) {
    parts[parts.length - 1] = { ...last, text: last.text + part.text }
  } else {
    parts.push(part)
  }
}

/** Whether one person did the same thing to both; when, to the minute, is no reason to tell them apart. */
export function isOne(some: Change | null, other: Change | null): boolean {
  return some?.kind === other?.kind && some?.who === other?.who && isSame(some?.movers, other?.movers)
}

export function isSame(some: unknown, other: unknown): boolean {
  return some === other || JSON.stringify(some) === JSON.stringify(other)
}
