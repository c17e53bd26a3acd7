/** A search as it is typed: asked after a pause, given up when the next letter comes, page after page. */
import type { Problem } from '../api'
import type { CaseState } from '../words'
import { type Hit, searchCases } from './api'
import type { Searched } from './places'

/** A pause in typing; short enough not to be waited for. */
const PAUSE_MS = 250
const PATIENCE_MS = 20_000

export class Searching {
  question = $state('')
  states = $state.raw<readonly CaseState[]>([])
  /** None: nothing was asked yet. What was found last stands while the next is looked for. */
  hits = $state.raw<readonly Hit[] | null>(null)
  isLast = $state(true)
  problem = $state.raw<Problem | null>(null)
  busy = $state(false)
  #page = 0
  #stop = new AbortController()
  #timer: ReturnType<typeof setTimeout> | undefined

  get isOn(): boolean {
    return this.question.trim() !== ''
  }

  /** `at once`: Enter was pressed, or a filter chosen. */
  ask(when: 'after a pause' | 'at once'): void {
    this.#giveUp()
    this.#page = 0
    if (!isWorthAsking(this.question)) {
      this.hits = null
      this.problem = null
      return
    }
    this.busy = true
    this.#timer = setTimeout(() => void this.#read(0), when === 'at once' ? 0 : PAUSE_MS)
  }

  more(): void {
    if (this.busy) return
    this.busy = true
    void this.#read(this.#page + 1)
  }

  clear(): void {
    this.#giveUp()
    this.question = ''
    this.states = []
    this.hits = null
    this.problem = null
    this.#page = 0
  }

  /** What was looked for and found, to come back to it. */
  get searched(): Searched | null {
    if (!this.isOn) return null
    return { question: this.question, states: this.states, hits: this.hits, page: this.#page, isLast: this.isLast }
  }

  /** Come back to what was found. It stands until it was found again; only what was read further than that is left as it was. */
  comeBack({ question, states, hits, page, isLast }: Searched): void {
    this.#giveUp()
    this.question = question
    this.states = states
    this.hits = hits
    this.isLast = isLast
    this.#page = page
    if (page === 0) this.ask('at once')
  }

  close(): void {
    this.#giveUp()
  }

  async #read(page: number): Promise<void> {
    this.#stop.abort()
    this.#stop = new AbortController()
    const { signal } = this.#stop
    const late = setTimeout(() => this.#stop.signal === signal && this.#stop.abort('late'), PATIENCE_MS)
    const answer = await searchCases(this.question, this.states, page, signal)
    clearTimeout(late)
    if (signal.aborted && signal.reason !== 'late') return // somebody asks something else by now
    this.busy = false
    if (!answer.ok) {
      this.problem = answer.problem
      return
    }
    this.problem = null
    const before = page === 0 ? [] : (this.hits ?? [])
    const known = new Set(before.map((hit) => hit.case.id))
    this.hits = [...before, ...answer.value.hits.filter((hit) => !known.has(hit.case.id))]
    this.isLast = answer.value.isLast
    this.#page = page
  }

  #giveUp(): void {
    clearTimeout(this.#timer)
    this.#stop.abort()
    this.busy = false
  }
}

/** One letter of an alphabet finds everything; one of Chinese is a word. */
export function isWorthAsking(question: string): boolean {
  const said = question.trim()
  return [...said].length > 1 || /[^\u0000-\u036f]/.test(said)
}
