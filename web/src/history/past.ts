/** A document with all of its past: every edit put in one by one, so that any moment can be read and any two compared. */
import * as Y from 'yjs'

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

/** Clocks `start <= clock < end` were deleted by entry `seq`. */
interface Went {
  readonly start: number
  readonly end: number
  readonly seq: number
}

/** Part of an item, all of which came and went at the same moments. */
export interface Piece {
  readonly from: number
  readonly until: number
  readonly came: number
  /** Infinity: it is still there. */
  readonly went: number
}

export const NEVER = Number.POSITIVE_INFINITY

export class Past {
  /** Nothing is collected: what was deleted can still be read. */
  readonly doc = new Y.Doc({ gc: false })
  readonly #came = new Map<number, Came[]>()
  readonly #went = new Map<number, Went[]>()
  #unsorted = new Set<number>()
  readonly #owners = new Map<number, string>()
  readonly #moments: Moment[] = []
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

  /** The parts of an item, cut where its letters came or went at different moments. */
  pieces(item: Y.Item): readonly Piece[] {
    const { client, clock } = item.id
    const end = clock + item.length
    const came = this.#came.get(client) ?? []
    const went = this.#wentOf(client)
    const found: Piece[] = []
    let at = search(came, (each) => each.end > clock)
    let gone = search(went, (each) => each.end > clock)
    for (let from = clock; from < end; ) {
      const arrival = came[at]
      const removal = went[gone]
      const isGone = removal !== undefined && removal.start <= from
      const until = Math.min(end, arrival?.end ?? end, isGone ? removal.end : (removal?.start ?? end))
      found.push({ from: from - clock, until: until - clock, came: arrival?.seq ?? 0, went: isGone ? removal.seq : NEVER })
      from = until
      if (arrival !== undefined && arrival.end <= from) at++
      if (removal !== undefined && removal.end <= from) gone++
    }
    return found
  }

  #note({ beforeState, afterState, deleteSet }: Y.Transaction): void {
    const edit = this.#taking
    if (edit === null) return
    for (const [client, end] of afterState) {
      if (end <= (beforeState.get(client) ?? 0)) continue
      this.#own(client, edit.author)
      listIn(this.#came, client).push({ end, seq: edit.seq })
    }
    for (const [client, deletes] of deleteSet.clients) {
      const went = listIn(this.#went, client)
      for (const { clock, len } of deletes) went.push({ start: clock, end: clock + len, seq: edit.seq })
      this.#unsorted.add(client)
    }
  }

  #own(client: number, author: string): void {
    if (!this.#owners.has(client)) this.#owners.set(client, author)
  }

  #wentOf(client: number): readonly Went[] {
    const went = this.#went.get(client) ?? []
    if (this.#unsorted.delete(client)) went.sort((a, b) => a.start - b.start)
    return went
  }
}

function listIn<T>(lists: Map<number, T[]>, key: number): T[] {
  const held = lists.get(key)
  if (held !== undefined) return held
  const made: T[] = []
  lists.set(key, made)
  return made
}

/** The first index for which `holds`; it holds for all after it too. */
function search<T>(sorted: readonly T[], holds: (each: T) => boolean): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const each = sorted[middle]
    if (each !== undefined && holds(each)) high = middle
    else low = middle + 1
  }
  return low
}
