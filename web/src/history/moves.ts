/**
 * Who first wrote what an edit put in again: the binding splits, joins, turns and moves blocks by deleting their words and
 * inserting them, and so do cut and paste, and undo. [HIS-17]
 *
 * Words keep their writer only together with who moved them, so that nobody can put words into another's mouth unseen. The one
 * who puts them in must be the one who took them away, and each letter is put in again once at most: nobody is ever said to
 * have written more than they did. What is not surely the same counts as written by who put it in.
 */
import type * as Y from 'yjs'
import { Cuts } from './cuts'
import { type Held, Spans } from './spans'
import { behind, type Chain, type Letters, slice, type Stretch, stretchesOf, stretchOf } from './stretches'

/** Somebody who moved words, and with which entry they last did. */
export interface Mover {
  readonly who: string
  readonly seq: number
}

export interface Origin {
  /** A person's id; null: nobody knows any more. */
  readonly author: string | null
  /** The entries with which the words came first, from and until. */
  readonly first: number
  readonly last: number
  /** Everybody else who moved them, in the order in which they last did. */
  readonly movers: readonly Mover[]
}

/** What the past knows of clocks. */
interface Known {
  readonly owner: (client: number) => string | null
  /** The entry that brought a clock. */
  readonly cameWith: (client: number, clock: number) => number
  /** Which of `start <= clock < end` were taken away, and by whom. */
  readonly taken: (client: number, start: number, end: number) => readonly Held<string | null>[]
}

/** What comes back to where it was is known again by so few letters: a single one is what anybody types. */
const LEAST_IN_PLACE = 2

/** For each letter that is put in, so many may be compared. */
const EFFORT = 8

export class Moves {
  readonly #known: Known
  readonly #origins = new Spans<Origin>()
  /** What was put in again. */
  readonly #used = new Spans<null>()
  readonly #cuts = new Map<string, Cuts>()

  constructor(known: Known) {
    this.#known = known
  }

  /** Where words came from, for those of a client's clocks that were moved. */
  of(client: number, start: number, end: number): readonly Held<Origin>[] {
    return this.#origins.of(client, start, end)
  }

  /** An entry has been put in, and what went with it is known. */
  note(transaction: Y.Transaction, mover: Mover): void {
    const { came, went } = stretchesOf(transaction)
    if (went.length === 0 && came.every((chain) => lengthOf(chain) < LEAST_IN_PLACE)) return // somebody types on
    const cuts = this.#cutsOf(mover.who)
    const taken = new Map<string, Stretch[]>()
    for (const stretch of went.map((chain) => stretchOf(chain, transaction))) {
      cuts.add(stretch)
      const alike = taken.get(stretch.text)
      if (alike === undefined) taken.set(stretch.text, [stretch])
      else alike.push(stretch)
    }
    // Two cells that say the same, by two people: which of them came back where cannot be told.
    const unsure = new Set([...taken].filter(([, alike]) => alike.length > 1 && new Set(alike.map((each) => this.#writers(each))).size > 1).map(([text]) => text))
    for (const chain of came) {
      // What waited for a predecessor comes in with somebody else's entry, and is not put in by them.
      if (!chain.every(({ id }) => this.#known.owner(id.client) === mover.who)) continue
      const stretch = stretchOf(chain, transaction)
      if (unsure.has(stretch.text)) continue
      const whole = this.#block(stretch, taken) ?? this.#inPlace(stretch, chain, mover.who) ?? cuts.whole(stretch.text)
      if (whole !== null) this.#move(stretch.letters, whole, mover)
      else this.#moveParts(stretch, cuts, mover)
    }
  }

  /** All of a block that this edit made or took away; one letter may be a whole cell. */
  #block(stretch: Stretch, taken: ReadonlyMap<string, Stretch[]>): readonly Letters[] | null {
    const alike = taken.get(stretch.text)?.pop()
    return alike !== undefined && (alike.isWhole || stretch.isWhole) && this.#isFree(alike.letters) ? alike.letters : null
  }

  /** What the same person took away right here. */
  #inPlace({ text }: Stretch, chain: Chain, who: string): readonly Letters[] | null {
    if (text.length < LEAST_IN_PLACE) return null
    const letters: Letters[] = []
    let said = ''
    for (const { id, length, content } of behind(chain)) {
      for (const { start, end, value } of this.#known.taken(id.client, id.clock, id.clock + length)) {
        if (value !== who || this.#used.touches(id.client, start, end)) continue
        letters.push({ client: id.client, clock: start, length: end - start })
        said += content.str.slice(start - id.clock, end - id.clock)
      }
    }
    const at = said.indexOf(text)
    return at === -1 ? null : slice(letters, at, text.length)
  }

  #moveParts({ text, letters }: Stretch, cuts: Cuts, mover: Mover): void {
    const effort = { left: EFFORT * text.length }
    for (let [at, from] = [0, 0]; at < text.length && effort.left > 0; at++) {
      const match = cuts.part(text, at, from, effort)
      if (match === null) continue
      this.#move(slice(letters, match.at, match.length), match.letters, mover)
      from = match.at + match.length
      at = from - 1
    }
  }

  /** Letter by letter, those that came are those that went. */
  #move(came: readonly Letters[], went: readonly Letters[], mover: Mover): void {
    const moved = new Map<Origin, Origin>()
    let [index, used] = [0, 0]
    for (const { client, clock, length } of came) {
      for (let at = 0; at < length; ) {
        const source = went[index]
        if (source === undefined) return
        const same = Math.min(length - at, source.length - used)
        const start = source.clock + used
        for (const held of this.#sources(source.client, start, start + same)) {
          const origin = moved.get(held.value) ?? withMover(held.value, mover)
          moved.set(held.value, origin)
          this.#origins.put(client, clock + at + held.start - start, clock + at + held.end - start, origin)
        }
        this.#used.put(source.client, start, start + same, null)
        at += same
        used += same
        if (used === source.length) [index, used] = [index + 1, 0]
      }
    }
  }

  #writers({ letters }: Stretch): string {
    return letters.flatMap(({ client, clock, length }) => [...this.#sources(client, clock, clock + length)].map(({ value }) => value.author)).join(' ')
  }

  /** Where each of them came from: from elsewhere, or written where it stood. */
  *#sources(client: number, start: number, end: number): Generator<Held<Origin>> {
    let at = start
    for (const held of this.#origins.of(client, start, end)) {
      if (at < held.start) yield this.#written(client, at, held.start)
      yield held
      at = held.end
    }
    if (at < end) yield this.#written(client, at, end)
  }

  #written(client: number, start: number, end: number): Held<Origin> {
    const { owner, cameWith } = this.#known
    const [first, last] = [cameWith(client, start), cameWith(client, end - 1)]
    return { start, end, value: { author: owner(client), first, last, movers: [] } }
  }

  #isFree(letters: readonly Letters[]): boolean {
    return !letters.some(({ client, clock, length }) => this.#used.touches(client, clock, clock + length))
  }

  #cutsOf(who: string): Cuts {
    const held = this.#cuts.get(who)
    if (held !== undefined) return held
    const made = new Cuts((letters) => this.#isFree(letters))
    this.#cuts.set(who, made)
    return made
  }
}

/** Whoever moves their own words has done nothing that is to be told. */
function withMover(origin: Origin, mover: Mover): Origin {
  if (mover.who === origin.author) return origin
  return { ...origin, movers: [...origin.movers.filter(({ who }) => who !== mover.who), mover] }
}

function lengthOf(chain: Chain): number {
  return chain.reduce((sum, { length }) => sum + length, 0)
}
