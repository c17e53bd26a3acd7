/** Who really wrote marks and replies: the journal's word, asked once for each client id, since a client id is one person's. */
import { Spaced } from '../case/spaced'
import type { Author } from './annotation'
import type { Judge } from './stored'

/** What the server tells of a client id. */
export interface Wrote {
  readonly client: number
  readonly author: { readonly id: string; readonly name: string | null; readonly color: string }
}

export interface Journal {
  /** `spans`: `client.start.end`. What is not in the journal has no answer; null: it could not be asked. */
  ask(spans: readonly string[]): Promise<{ readonly wrote: readonly Wrote[]; readonly isWhole: boolean } | null>
  /** Our own client id, which needs no asking; of a document that is open. */
  readonly mine: number | null
  readonly me: Author
  /** What somebody is in the case now; empty: nothing. */
  roleOf(person: string): string
  /** These are known now. */
  learned(clients: ReadonlySet<number>): void
}

const APART_MS = 1_000
/** What is not in the journal yet is asked for again, ever more seldom. */
const PATIENCE_MS = { first: 5_000, longest: 60_000 }
/** As many as the server answers at once. */
const AT_ONCE = 200

export class Authorship {
  readonly #journal: Journal
  readonly #known = new Map<number, Wrote['author']>()
  /** Client ids that nobody has told us of, and the clock at which each wrote something. */
  #wanted = new Map<number, number>()
  readonly #spaced = new Spaced(APART_MS, () => void this.#learn())
  #isAsking = false
  #isComing = false
  #patienceMs = PATIENCE_MS.first
  #later: ReturnType<typeof setTimeout> | undefined
  #closed = false

  constructor(journal: Journal) {
    this.#journal = journal
  }

  /** Until it is known the page that wrote it is believed; of what it says of itself nothing is, afterwards. */
  readonly judge: Judge = (client, clock, claimed) => {
    const { mine, me, roleOf } = this.#journal
    const known = this.#known.get(client)
    if (client === mine) return me
    if (known === undefined) {
      this.#want(client, clock)
      return claimed
    }
    return { id: known.id, name: known.name ?? '', role: roleOf(known.id), color: known.color }
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#later)
    this.#spaced.close()
  }

  #want(client: number, clock: number): void {
    if (this.#wanted.has(client)) return
    this.#wanted.set(client, clock)
    if (this.#isComing) return
    this.#isComing = true
    queueMicrotask(() => {
      this.#isComing = false
      if (!this.#closed) this.#spaced.ask()
    })
  }

  async #learn(): Promise<void> {
    if (this.#isAsking || this.#wanted.size === 0) return
    this.#isAsking = true
    const asked = [...this.#wanted].slice(0, AT_ONCE)
    const answer = await this.#journal.ask(asked.map(([client, clock]) => `${client}.${clock}.${clock + 1}`))
    this.#isAsking = false
    if (this.#closed) return
    for (const { client, author } of answer?.wrote ?? []) this.#known.set(client, author)
    const learned = new Set(asked.map(([client]) => client).filter((client) => this.#known.has(client)))
    for (const client of learned) this.#wanted.delete(client)
    if (learned.size > 0) {
      this.#patienceMs = PATIENCE_MS.first
      this.#journal.learned(learned)
    }
    // Who was asked for in vain stands behind the others.
    for (const [client, clock] of asked) if (this.#wanted.delete(client)) this.#wanted.set(client, clock)
    if (this.#wanted.size === 0) return
    if (learned.size > 0 || answer?.isWhole === false) return this.#spaced.ask()
    clearTimeout(this.#later)
    this.#later = setTimeout(() => this.#spaced.ask(), this.#patienceMs)
    this.#patienceMs = Math.min(2 * this.#patienceMs, PATIENCE_MS.longest)
  }
}
