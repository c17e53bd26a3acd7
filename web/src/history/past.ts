/** A document with all of its past: every edit put in one by one, so that any moment can be read and any two compared. */
import * as Y from 'yjs'
import { Moves, type Origin } from './moves'
import { type Held, search, Spans } from './spans'

/** One entry of the journal, as the server gave it. */
export interface Edit {
  readonly seq: number
  /** A person's id. */
  readonly author: string
  readonly at: number
  readonly update: Uint8Array
}

export interface Moment {
  readonly seq: number
  readonly author: string
  readonly at: number
}

/** Clocks up to `end` came with entry `seq`. */
interface Came {
  readonly end: number
  readonly seq: number
}

/** Neighbouring clocks, all of which came and went at the same moments and are of one origin. */
export interface Piece {
  /** Counted from the first clock that was asked about. */
  readonly from: number
  readonly until: number
  /** 0: it is not here yet. */
  readonly came: number
  /** Infinity: it is still there. */
  readonly went: number
  /** Where it was moved from; null: it was written where it is. */
  readonly origin: Origin | null
}

export const NEVER = Number.POSITIVE_INFINITY

export class Past {
  /** Nothing is collected: what was deleted can still be read. */
  readonly doc = new Y.Doc({ gc: false })
  readonly #came = new Map<number, Came[]>()
  /** What was deleted, and by which entry. */
  readonly #went = new Spans<number>()
  readonly #owners = new Map<number, string>()
  readonly #moments: Moment[] = []
  readonly #moves = new Moves({
    owner: (client) => this.owner(client),
    cameWith: (client, clock) => this.#arrival(client, clock)?.seq ?? 0,
    taken: (client, start, end) => this.#went.of(client, start, end).map((held) => ({ ...held, value: this.moment(held.value)?.author ?? null })),
  })
  #taking: Edit | null = null

  constructor() {
    this.doc.on('afterTransaction', (transaction: Y.Transaction) => this.#note(transaction))
  }

  /** The last entry that is in. */
  get reached(): number {
    return this.#moments.at(-1)?.seq ?? 0
  }

  /** Put the next entry in. */
  take(edit: Edit): void {
    this.#moments.push({ seq: edit.seq, author: edit.author, at: edit.at })
    this.#taking = edit
    try {
      Y.applyUpdate(this.doc, edit.update)
    } finally {
      this.#taking = null
    }
    if (this.doc.store.pendingStructs === null) return
    // What waits for a predecessor comes in with somebody else's entry; its client id still says whose it is.
    for (const client of Y.parseUpdateMeta(edit.update).to.keys()) this.#own(client, edit.author)
  }

  /** Who wrote with this client id: one person for as long as the document lives. */
  owner(client: number): string | null {
    return this.#owners.get(client) ?? null
  }

  moment(seq: number): Moment | null {
    const at = this.#moments[search(this.#moments, (moment) => moment.seq >= seq)]
    return at?.seq === seq ? at : null
  }

  /** The parts of an item, cut where its letters came or went at different moments, or from different places. */
  pieces(item: Y.Item): readonly Piece[] {
    return this.piecesOf(item.id.client, item.id.clock, item.id.clock + item.length)
  }

  /** The same of any clocks `start <= clock < end` of a client. */
  piecesOf(client: number, start: number, end: number): readonly Piece[] {
    const came = this.#came.get(client) ?? []
    const went = new Along(this.#went.of(client, start, end))
    const moved = new Along(this.#moves.of(client, start, end))
    const found: Piece[] = []
    let at = search(came, (each) => each.end > start)
    for (let from = start; from < end; ) {
      const arrival = came[at]
      const [removal, move] = [went.at(from), moved.at(from)]
      const until = Math.min(end, arrival?.end ?? end, removal.until, move.until)
      found.push({ from: from - start, until: until - start, came: arrival?.seq ?? 0, went: removal.value ?? NEVER, origin: move.value })
      from = until
      if (arrival !== undefined && arrival.end <= from) at++
    }
    return found
  }

  #note(transaction: Y.Transaction): void {
    const edit = this.#taking
    if (edit === null) return
    const { beforeState, afterState, deleteSet } = transaction
    for (const [client, end] of afterState) {
      if (end <= (beforeState.get(client) ?? 0)) continue
      this.#own(client, edit.author)
      listIn(this.#came, client).push({ end, seq: edit.seq })
    }
    for (const [client, deletes] of deleteSet.clients) {
      for (const { clock, len } of deletes) this.#went.put(client, clock, clock + len, edit.seq)
    }
    this.#moves.note(transaction, { who: edit.author, seq: edit.seq })
  }

  #own(client: number, author: string): void {
    if (!this.#owners.has(client)) this.#owners.set(client, author)
  }

  #arrival(client: number, clock: number): Came | undefined {
    const came = this.#came.get(client) ?? []
    return came[search(came, ({ end }) => end > clock)]
  }
}

/** Spans, gone along from one clock to the next. */
class Along<T> {
  readonly #spans: readonly Held<T>[]
  #index = 0

  constructor(spans: readonly Held<T>[]) {
    this.#spans = spans
  }

  /** What holds of this clock, and until which one. */
  at(clock: number): { readonly value: T | null; readonly until: number } {
    let span = this.#spans[this.#index]
    if (span !== undefined && span.end <= clock) span = this.#spans[++this.#index]
    if (span === undefined) return { value: null, until: Infinity }
    return span.start <= clock ? { value: span.value, until: span.end } : { value: null, until: span.start }
  }
}

function listIn<T>(lists: Map<number, T[]>, key: number): T[] {
  const held = lists.get(key)
  if (held !== undefined) return held
  const made: T[] = []
  lists.set(key, made)
  return made
}
