/** The open record of one case as reactive state: the session, its status, the people, and what had to be rescued. */
import { type Case, type Me, openCase } from '../api'
import { SECTIONS } from '../sections'
import type { Presence } from '../sync/people'
import type { Refusal } from '../sync/refusal'
import { openSession, type Rescue, type Session } from '../sync/session'
import { type Ending, type Model, start, type Status, statusOf, unsaved } from '../sync/status'

/** Text that the server did not take, kept until its author puts it away. */
export interface Kept {
  readonly id: number
  readonly title: string
  readonly section: string
  readonly text: string
}

const TICK_MS = 500

const ENDINGS: Readonly<Record<Ending, string>> = {
  'signed-out': 'You were signed out before this was saved.',
  'no-access': 'Your access ended before this was saved.',
  moved: 'The record continued elsewhere before this was saved.',
  unacceptable: 'The server could not accept this.',
}

export class OpenRecord {
  case: Case
  session = $state.raw<Session | null>(null)
  people = $state.raw<readonly Presence[]>([])
  hasContent = $state(false)
  kept = $state.raw<readonly Kept[]>([])
  /** A refusal that cost no text still has to be told. */
  refusal = $state.raw<Refusal | null>(null)

  #model = $state.raw<Model>(start(navigator.onLine))
  #now = $state(Date.now())
  #me: Me
  #asking = false
  #admitted = false
  #clock: ReturnType<typeof setInterval>
  #nextKept = 1

  constructor(opened: Case, me: Me) {
    this.case = $state.raw(opened)
    this.#me = me
    this.#clock = setInterval(() => (this.#now = Date.now()), TICK_MS)
    this.#open()
  }

  get status(): Status {
    return statusOf(this.#model, this.#now)
  }

  get mayWrite(): boolean {
    return this.#model.scope === 'read-write' && this.#model.link.at !== 'ended'
  }

  /** Whether closing the tab would lose something. */
  get isHolding(): boolean {
    return unsaved(this.#model) > 0 || this.kept.length > 0
  }

  get me(): Presence {
    return { id: this.#me.id, name: this.#me.name, role: this.case.role ?? '', color: this.#me.color }
  }

  /** Learn again what we may do here. */
  async refresh(): Promise<void> {
    if (this.#asking) return
    this.#asking = true
    const answer = await openCase(this.case.id)
    this.#asking = false
    if (answer.ok) this.take(answer.value)
    else if (answer.problem.kind === 'signed-out') this.session?.end('signed-out')
    else if (answer.problem.kind === 'not-found') this.session?.end('no-access')
  }

  take(latest: Case): void {
    this.case = latest
    this.session?.introduce(this.me)
  }

  network(online: boolean): void {
    this.session?.network(online)
  }

  putAway(id: number): void {
    this.kept = this.kept.filter((kept) => kept.id !== id)
  }

  close(): void {
    clearInterval(this.#clock)
    this.session?.close()
  }

  #open(): void {
    const name = this.case.documents.get('record') ?? 'record'
    this.hasContent = false
    this.#model = start(navigator.onLine)
    this.session = openSession({
      url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/collab`,
      address: `${this.case.id}/${name}`,
      me: this.me,
      sections: SECTIONS.map((section) => section.name),
      online: navigator.onLine,
      now: Date.now,
      Socket: WebSocket,
      onModel: (model) => {
        this.#model = model
        this.#now = Date.now()
      },
      onPeople: (people) => (this.people = people),
      onContent: () => (this.hasContent = true),
      onRefused: (refusal, rescue) => {
        this.refusal = this.#keep(refusal.title, rescue) ? null : refusal
        this.#open()
      },
      onEnded: (why, rescue) => {
        this.#keep(ENDINGS[why], rescue)
        if (why === 'moved') void this.#followMove(name)
      },
      onAdmitted: () => {
        if (this.#admitted) void this.refresh() // while we were away, rights and members may have changed
        this.#admitted = true
      },
      onDoubt: () => void this.refresh(),
      onChanged: () => void this.refresh(),
    })
  }

  /** The record may continue under a new name; if it does not, the page stays where it is and says so. */
  async #followMove(from: string): Promise<void> {
    const answer = await openCase(this.case.id)
    if (!answer.ok) return
    this.case = answer.value
    if (answer.value.documents.get('record') !== from) this.#open()
  }

  /** Whether there was any text to keep. */
  #keep(title: string, rescue: Rescue): boolean {
    const kept = [...rescue]
      .filter(([, text]) => text.trim() !== '')
      .map(([section, text]) => ({ id: this.#nextKept++, title, section, text }))
    this.kept = [...this.kept, ...kept]
    return kept.length > 0
  }
}
