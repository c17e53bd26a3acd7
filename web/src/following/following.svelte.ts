/**
 * Who presents in an open case, and whether this page follows them. What the presenter looks at comes as awareness of the
 * discussion; whose awareness counts is the server's word. (docs/adr/0022)
 */
import type { Answer } from '../api'
import type { Desk } from '../case/desk.svelte'
import { t } from '../i18n'
import type { Presence } from '../sync/people'
import type { Session } from '../sync/session'
import { tell, tellFailure } from '../ui/telling.svelte'
import { begin, endTurn, handOver, type Presenter, type Presenting, renew, takeOver, whoPresents } from './api'
import { FIELDS, people, shownBy, type Told, toldBy } from './told'

const RENEW_MS = 5_000
/** After the end of a turn that nobody keeps, one asks again. */
const LATER_MS = 500

/** `looking`: one followed, and looks oneself since. */
export type Stance = 'off' | 'following' | 'looking'

export class Following {
  readonly #desk: Desk
  presenter = $state.raw<Presenter | null>(null)
  mayPresent = $state(false)
  mayTakeOver = $state(false)
  stance = $state<Stance>('off')
  /** We would like to present; the others are told. */
  isAsking = $state(false)
  /** The number of our turn, when it is this page that presents. */
  mine = $state<number | null>(null)
  /** What each page in the case says, by its client id. */
  told = $state.raw<ReadonlyMap<number, Told>>(new Map())
  isBusy = $state(false)
  #asked = 0
  #closed = false
  #poll: ReturnType<typeof setTimeout> | undefined
  #keeping: ReturnType<typeof setInterval> | undefined

  constructor(desk: Desk) {
    this.#desk = desk
  }

  get session(): Session | null {
    return this.#desk.discussion.session
  }

  get me(): string {
    return this.#desk.me.id
  }

  readonly isPresenting = $derived.by(() => this.mine !== null)
  /** The place is ours, but not on this page. */
  readonly isMineElsewhere = $derived.by(() => this.mine === null && this.presenter !== null && this.presenter.by.id === this.me)
  readonly isOthers = $derived.by(() => this.presenter !== null && this.presenter.by.id !== this.me)
  /** What the presenter shows; null: their page is not heard of. */
  readonly shown = $derived.by(() => shownBy(this.told, this.presenter))
  readonly followers: readonly Presence[] = $derived.by(() => {
    const of = this.presenter?.by.id ?? null
    return of === null ? [] : people(this.told, ({ follows, person }) => follows === of && person.id !== of)
  })
  readonly asking: readonly Presence[] = $derived.by(() => people(this.told, ({ asks, person }) => asks && person.id !== this.presenter?.by.id && person.id !== this.me))

  get #case(): string {
    return this.#desk.record.case.id
  }

  async refresh(): Promise<void> {
    const turn = ++this.#asked
    const answer = await whoPresents(this.#case)
    if (turn !== this.#asked || this.#closed) return
    if (answer.ok) this.#take(answer.value)
    else if (this.presenter !== null) this.#askLater(RENEW_MS)
  }

  async present(): Promise<void> {
    const client = this.session?.doc.clientID
    if (client !== undefined) await this.#act(() => begin(this.#case, client))
  }

  async takeOver(): Promise<void> {
    const [client, turn] = [this.session?.doc.clientID, this.presenter?.number]
    if (client !== undefined && turn !== undefined) await this.#act(() => takeOver(this.#case, turn, client))
  }

  async handOver(to: { readonly id: string; readonly name: string }): Promise<void> {
    const turn = this.presenter?.number
    if (turn === undefined) return
    this.#leaveTurn()
    if (await this.#act(() => handOver(this.#case, turn, to.id))) tell(t('following.handedOver', { name: to.name }))
    else await this.refresh()
  }

  async stop(): Promise<void> {
    const turn = this.presenter?.number
    if (turn === undefined) return
    this.#leaveTurn()
    const answer = await endTurn(this.#case, turn)
    if (!answer.ok) tellFailure(answer.problem.title)
    await this.refresh()
  }

  follow(): void {
    if (this.isOthers) this.stance = 'following'
  }

  /** By one's own hand. */
  lookOneself(): void {
    if (this.stance === 'following') this.stance = 'looking'
  }

  unfollow(): void {
    this.stance = 'off'
  }

  /** Another session of the discussion, with another client id: the turn goes with it. */
  async keep(): Promise<void> {
    const [client, turn] = [this.session?.doc.clientID, this.mine]
    if (client === undefined || turn === null) return
    const asked = ++this.#asked
    const answer = await renew(this.#case, turn, client)
    if (this.#closed || this.mine !== turn) return
    if (answer.ok) {
      if (asked === this.#asked) this.#take(answer.value)
    } else if (answer.problem.kind === 'refused' || answer.problem.kind === 'not-found') {
      await this.refresh() // it says whose turn it is now, where it is somebody's
      if (this.#closed || this.mine !== turn) return
      this.#leaveTurn()
      tell(t('following.nowNotYou'))
    }
  }

  /** Their words, for as long as this session lasts. */
  listen(session: Session): () => void {
    const { awareness } = session.provider
    if (awareness === null) return () => undefined
    const read = (): void => {
      const states: [number, Told][] = []
      for (const [client, state] of awareness.getStates()) {
        const told = toldBy(state)
        if (told !== null) states.push([client, told])
      }
      this.told = new Map(states)
    }
    read()
    awareness.on('change', read)
    return () => awareness.off('change', read)
  }

  say(field: keyof typeof FIELDS, value: unknown): void {
    const awareness = this.session?.provider.awareness
    const [name, held] = [FIELDS[field], awareness?.getLocalState()?.[FIELDS[field]] ?? null]
    if (awareness != null && JSON.stringify(held) !== JSON.stringify(value ?? null)) awareness.setLocalStateField(name, value ?? null)
  }

  /** The page is left: the others need not wait for the end of its turn. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#poll)
    this.goodbye()
  }

  goodbye(): void {
    const turn = this.mine
    this.#leaveTurn()
    if (turn !== null) void endTurn(this.#case, turn)
  }

  async #act(act: () => Promise<Answer<Presenting>>): Promise<boolean> {
    this.isBusy = true
    this.#asked += 1
    const answer = await act()
    this.isBusy = false
    if (this.#closed) return false
    if (answer.ok) {
      this.#take(answer.value)
      const { presenter } = this
      if (presenter !== null && presenter.by.id === this.me && presenter.client === this.session?.doc.clientID) this.#beginTurn(presenter)
    } else {
      tellFailure(answer.problem.kind === 'refused' && answer.problem.reason === 'conflict' ? t('following.changed') : answer.problem.title)
      await this.refresh()
    }
    return answer.ok
  }

  #beginTurn({ number }: Presenter): void {
    this.mine = number
    this.isAsking = false
    this.stance = 'off'
    clearInterval(this.#keeping)
    this.#keeping = setInterval(() => void this.keep(), RENEW_MS)
  }

  #leaveTurn(): void {
    this.mine = null
    clearInterval(this.#keeping)
  }

  #take({ presenter, mayPresent, mayTakeOver }: Presenting): void {
    const before = this.presenter
    this.presenter = presenter
    this.mayPresent = mayPresent
    this.mayTakeOver = mayTakeOver
    if (this.mine !== null && presenter?.number !== this.mine) {
      this.#leaveTurn()
      tell(presenter === null ? t('following.nowNotYou') : t('following.nowOther', { name: presenter.by.name }))
    }
    if (!this.isOthers) {
      if (this.stance !== 'off' && before !== null && presenter === null) tell(t('following.ended', { name: before.by.name }))
      this.stance = 'off'
    }
    // Whoever asked for it begins; whoever did not is asked first, as others then see what they see.
    if (this.isMineElsewhere && presenter?.client === null && this.isAsking) void this.present()
    clearTimeout(this.#poll)
    if (presenter !== null && this.mine === null) this.#askLater(presenter.millisLeft + LATER_MS)
  }

  #askLater(millis: number): void {
    clearTimeout(this.#poll)
    this.#poll = setTimeout(() => void this.refresh(), millis)
  }
}

const opened = new WeakMap<Desk, Following>()

/** The one of this page. */
export function followingOf(desk: Desk): Following {
  const found = opened.get(desk) ?? new Following(desk)
  opened.set(desk, found)
  return found
}
