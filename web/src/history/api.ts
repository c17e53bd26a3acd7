/** What the server tells of a document's past. */
import { type Answer, ask, askBytes } from '../api'
import { type Fields, fields, list, number, optionalText, text } from '../parse'
import type { Edit } from './past'

export interface Author {
  readonly id: string
  /** None: there is no such account any more. */
  readonly name: string | null
  /** `#rrggbb` */
  readonly color: string
}

/** Entries that were written in one go. */
export interface Sitting {
  readonly first: number
  readonly last: number
  readonly begun: number
  readonly ended: number
  readonly authors: readonly { readonly author: Author; readonly edits: number }[]
}

export interface Named {
  readonly seq: number
  readonly name: string
  readonly author: Author
  readonly at: number
}

export interface NamedList {
  readonly versions: readonly Named[]
  readonly mayName: boolean
}

export interface Seen {
  readonly head: number
  readonly seen: { readonly seq: number; readonly at: number } | null
}

/** A document's address in the API. */
export function pathOf(caseId: string, document: string): string {
  return `/api/cases/${encodeURIComponent(caseId)}/documents/${encodeURIComponent(document)}`
}

export function sittingsAfter(
  path: string,
  after: number,
): Promise<Answer<{ readonly head: number; readonly sittings: readonly Sitting[]; readonly next: number | null }>> {
  return ask('GET', `${path}/sittings?after=${after}&limit=1000`, null, (body) => ({
    head: number(body, 'head'),
    sittings: list(body, 'sittings', sitting),
    next: body.get('next') === null ? null : number(body, 'next'),
  }))
}

export function editsAfter(path: string, after: number, signal: AbortSignal): Promise<Answer<readonly Edit[]>> {
  return askBytes(`${path}/updates?after=${after}`, signal, readEdits)
}

export function listNamed(path: string): Promise<Answer<NamedList>> {
  return ask('GET', `${path}/versions`, null, named)
}

export function giveName(path: string, seq: number, name: string): Promise<Answer<NamedList>> {
  return ask('POST', `${path}/versions`, { seq, name }, named)
}

export function changeName(path: string, seq: number, name: string): Promise<Answer<NamedList>> {
  return ask('PUT', `${path}/versions/${seq}`, { name }, named)
}

export function takeName(path: string, seq: number): Promise<Answer<NamedList>> {
  return ask('DELETE', `${path}/versions/${seq}`, null, named)
}

export function howFarSeen(path: string): Promise<Answer<Seen>> {
  return ask('GET', `${path}/seen`, null, seen)
}

export function markSeen(path: string, seq: number): Promise<Answer<Seen>> {
  return ask('PUT', `${path}/seen`, { seq }, seen)
}

/** Who wrote what is at these places, `client.start.end` each; what the journal does not have has no answer. Whole: all was looked at. */
export function whoWroteAt(
  path: string,
  spans: readonly string[],
): Promise<Answer<{ readonly wrote: readonly { readonly client: number; readonly author: Author }[]; readonly isWhole: boolean }>> {
  return ask('GET', `${path}/authors?of=${spans.join(',')}`, null, (body) => ({
    wrote: list(body, 'runs', (each) => ({ client: number(fields(each), 'client'), author: author(fields(each).get('author')) })),
    isWhole: number(body, 'reached') >= number(body, 'head'),
  }))
}

/** The records that docs/http.md describes; throws where they differ. */
export function readEdits(bytes: Uint8Array): readonly Edit[] {
  const edits: Edit[] = []
  const reader = new Reader(bytes)
  let author = ''
  while (!reader.atEnd) {
    const seq = reader.uint()
    author = reader.string() || author
    edits.push({ seq, author, at: reader.uint(), update: reader.bytes() })
  }
  return edits
}

class Reader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  uint(): number {
    let [value, factor] = [0, 1]
    for (;;) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw new RangeError('cut off')
      value += (byte & 127) * factor
      if (byte < 128) return value
      factor *= 128
    }
  }

  bytes(): Uint8Array {
    const end = this.uint() + this.#at
    if (end > this.#bytes.length) throw new RangeError('cut off')
    const found = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return found
  }

  string(): string {
    return new TextDecoder().decode(this.bytes())
  }
}

function author(value: unknown): Author {
  const from = fields(value)
  return { id: text(from, 'id'), name: optionalText(from, 'name'), color: text(from, 'color') }
}

function sitting(value: unknown): Sitting {
  const from = fields(value)
  return {
    first: number(from, 'first'),
    last: number(from, 'last'),
    begun: number(from, 'begun'),
    ended: number(from, 'ended'),
    authors: list(from, 'authors', (each) => ({ author: author(fields(each).get('author')), edits: number(fields(each), 'edits') })),
  }
}

function named(body: Fields): NamedList {
  const versions = list(body, 'versions', (each) => {
    const from = fields(each)
    return { seq: number(from, 'seq'), name: text(from, 'name'), author: author(from.get('author')), at: number(from, 'at') }
  })
  return { versions, mayName: body.get('may_name') === true }
}

function seen(body: Fields): Seen {
  const held = body.get('seen')
  if (held === null) return { head: number(body, 'head'), seen: null }
  return { head: number(body, 'head'), seen: { seq: number(fields(held), 'seq'), at: number(fields(held), 'at') } }
}
