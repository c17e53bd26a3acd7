/** The sittings of a record and the names of its moments, as the panel and the view both show them. */
import type { Problem } from '../api'
import type { Desk } from '../case/desk.svelte'
import { t } from '../i18n'
import { initials } from '../sync/people'
import { type Author, listNamed, type NamedList, type Sitting, sittingsAfter } from './api'
import { recordPath } from './looking.svelte'
import { renewed, settled } from './moments'
import { Past } from './past'

export class Ledger {
  readonly path: string
  /** Edit by edit, as far as somebody wanted to know: what was read once is not read again. */
  past = new Past()
  sittings = $state.raw<readonly Sitting[]>([])
  names = $state.raw<NamedList>({ versions: [], mayName: false })
  problem = $state.raw<Problem | null>(null)
  /** It was read to its end at least once. */
  isReady = $state(false)
  readonly #people = new Map<string, Author>()
  #asking = false

  constructor(path: string) {
    this.path = path
  }

  get head(): number {
    return this.sittings.at(-1)?.last ?? 0
  }

  person(id: string | null): Author | null {
    void this.sittings // whoever reads a name reads it again when there are more
    return id === null ? null : (this.#people.get(id) ?? null)
  }

  /** What is wrong with it goes with it; the next one begins anew. */
  forgetPast(): void {
    this.past = new Past()
  }

  /** Learn what is new. */
  async refresh(): Promise<void> {
    if (this.#asking) return
    this.#asking = true
    this.problem = (await this.#list()) ?? (await this.#name())
    this.#asking = false
    this.isReady ||= this.problem === null
  }

  async #list(): Promise<Problem | null> {
    let known = this.sittings
    for (let after: number | null = settled(known); after !== null; ) {
      const answer = await sittingsAfter(this.path, after)
      if (!answer.ok) return answer.problem
      known = renewed(known, answer.value.sittings, after)
      const next: number | null = answer.value.next
      after = next === after ? null : next
    }
    for (const { authors } of known) for (const { author } of authors) this.#people.set(author.id, author)
    this.sittings = known
    return null
  }

  async #name(): Promise<Problem | null> {
    const answer = await listNamed(this.path)
    if (answer.ok) this.names = answer.value
    return answer.ok ? null : answer.problem
  }
}

const held = new WeakMap<Desk, Ledger>()

/** One for each record; another one when the record goes on under a new name. */
export function ledgerOf(desk: Desk): Ledger {
  const path = recordPath(desk)
  const known = held.get(desk)
  if (known?.path === path) return known
  const made = new Ledger(path)
  held.set(desk, made)
  return made
}

export function nameOf(author: Author | null): string {
  return author?.name ?? t('history.somebody')
}

export function initialsOf(author: Author | null): string {
  return author?.name === null || author === null ? '?' : initials(author.name)
}

/** Everybody who wrote in a sitting, in the order in which they came. */
export function namesOf({ authors }: Sitting): string {
  return authors.map(({ author }) => nameOf(author)).join(', ')
}
