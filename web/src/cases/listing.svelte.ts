/** A list of cases as far as it was read, page after page, kept up to date without moving under the reader's hand. */
import type { Answer, Person, Problem } from '../api'
import { type CaseLine, type CasePage, listCases, type Totals } from './api'
import { queryOf, type Wish } from './wish'

export const PAGE = 50
const LONGEST_PAGE = 100

/** What is kept of a list to come back to it. */
export interface Read {
  readonly lines: readonly CaseLine[]
  readonly after: string | null
}

export class Listing {
  /** None: nothing was answered yet. */
  lines = $state.raw<readonly CaseLine[] | null>(null)
  totals = $state.raw<Totals | null>(null)
  leads = $state.raw<readonly Person[]>([])
  after = $state.raw<string | null>(null)
  problem = $state.raw<Problem | null>(null)
  readingMore = $state(false)
  /** A newer state of the list, in another order than the one that is shown. */
  waiting = $state.raw<Read | null>(null)
  #wish: Wish | null = null
  /** Grows with each question that makes the answers to earlier ones worthless. */
  #turn = 0

  /** Show another list; `before` is what was read of it earlier, and stands until something newer comes. */
  async show(wish: Wish, before: Read | null, hold: boolean): Promise<void> {
    this.#wish = wish
    this.lines = before?.lines ?? null
    this.after = before?.after ?? null
    this.waiting = null
    await this.refresh(hold)
  }

  /** Read again what was read. `hold`: somebody points at the list or stands in it, so nothing may change its place. */
  async refresh(hold: boolean): Promise<void> {
    const wish = this.#wish
    if (wish === null) return
    this.#turn += 1
    const turn = this.#turn
    const answer = await this.#readAgain(wish, Math.max(PAGE, this.lines?.length ?? 0))
    if (turn !== this.#turn) return
    this.readingMore = false
    if (!answer.ok) {
      this.problem = answer.problem
      return
    }
    this.problem = null
    const fresh = answer.value
    this.totals = fresh.totals ?? this.totals
    this.leads = fresh.leads ?? this.leads
    if (hold && this.lines !== null && !sameOrder(this.lines, fresh.cases)) {
      this.lines = renewed(this.lines, fresh.cases)
      this.waiting = { lines: fresh.cases, after: fresh.after }
    } else this.#take({ lines: fresh.cases, after: fresh.after })
  }

  /** Put the newer state in the place of the one that is shown. */
  takeWaiting(): void {
    if (this.waiting !== null) this.#take(this.waiting)
  }

  async more(): Promise<void> {
    const [wish, after, lines] = [this.#wish, this.after, this.lines]
    if (wish === null || after === null || lines === null || this.readingMore) return
    this.readingMore = true
    const turn = this.#turn
    const answer = await listCases(queryOf(wish, Date.now(), PAGE, after))
    if (turn !== this.#turn) return
    this.readingMore = false
    if (!answer.ok) {
      this.problem = answer.problem
      return
    }
    const known = new Set(lines.map(({ id }) => id)) // a case that changed meanwhile may come a second time
    this.#take({ lines: [...lines, ...answer.value.cases.filter(({ id }) => !known.has(id))], after: answer.value.after })
  }

  #take({ lines, after }: Read): void {
    this.lines = lines
    this.after = after
    this.waiting = null
  }

  /** As many cases as there were, in as few questions as the server allows; totals come with the first. */
  async #readAgain(wish: Wish, count: number): Promise<Answer<CasePage>> {
    const now = Date.now()
    const first = await listCases(queryOf(wish, now, Math.min(count, LONGEST_PAGE), null))
    if (!first.ok) return first
    let [cases, after] = [first.value.cases, first.value.after]
    while (after !== null && cases.length < count) {
      const next = await listCases(queryOf(wish, now, Math.min(count - cases.length, LONGEST_PAGE), after))
      if (!next.ok) return next
      cases = [...cases, ...next.value.cases]
      after = next.value.after
    }
    return { ok: true, value: { ...first.value, cases, after } }
  }
}

export function sameOrder(one: readonly CaseLine[], other: readonly CaseLine[]): boolean {
  return one.length === other.length && one.every(({ id }, at) => other[at]?.id === id)
}

/** The cases that are shown, where they are, as they are now. One that is not there any more goes: it may not be seen. */
export function renewed(shown: readonly CaseLine[], fresh: readonly CaseLine[]): readonly CaseLine[] {
  const byId = new Map(fresh.map((line) => [line.id, line]))
  return shown.flatMap(({ id }) => byId.get(id) ?? [])
}
