/** One document of an open case as reactive state: its session, its status, and what this device keeps of it. */
import * as Y from 'yjs'
import { device } from '../offline/device.svelte'
import { STRANDED } from '../offline/drafts'
import { Keeper } from '../offline/keeper'
import { meetSiblings, type Siblings } from '../offline/siblings'
import { type Present, samePeople } from '../sync/people'
import type { Refusal } from '../sync/refusal'
import { KEPT, type Kept, openSession, type Session, SIBLING } from '../sync/session'
import { type Ending, type Model, start, type Status, statusOf, unsaved } from '../sync/status'
import { saysSomething, type Writing } from '../sync/writing'
import type { CaseState } from '../words'
import type { Around, Kind } from './around'

const TICK_MS = 500
const WRITABLE: ReadonlySet<CaseState> = new Set(['draft', 'open'])

/** The name of a document that goes on after a restore: its epoch is a time. */
const RESTORED = /~\d{10,}$/

/** A clock that never jumps. */
const now = (): number => performance.now()

export class OpenDocument {
  session = $state.raw<Session | null>(null)
  people = $state.raw<readonly Present[]>([])
  hasContent = $state(false)
  /** Whether what is not saved would survive this tab. */
  isKept = $state(false)

  #model = $state.raw<Model>(start(navigator.onLine, now()))
  #now = $state(now())
  #closed = false
  #keeper: Keeper | null = null
  #siblings: Siblings | null = null
  readonly #kind: Kind
  readonly #around: Around
  readonly #clock: ReturnType<typeof setInterval>
  readonly #holds = (): boolean => this.isHolding

  constructor(kind: Kind, around: Around) {
    this.#kind = kind
    this.#around = around
    this.#clock = setInterval(() => this.#tick(), TICK_MS)
    device.holders.add(this.#holds)
  }

  get status(): Status {
    return statusOf(this.#model, this.#now, this.isKept ? 'device' : 'tab')
  }

  /** As the server last said; before it says anything, as it did when the case was kept. */
  get mayWrite(): boolean {
    const { scope, link } = this.#model
    if (link.at === 'ended') return false
    if (scope === null) return this.hasContent && this.#around.case.rights.has(this.#kind.right)
    return scope === 'read-write'
  }

  /** Whether closing the tab would lose an edit. */
  get isHolding(): boolean {
    return unsaved(this.#model) > 0 && this.#keeper?.isSafe !== true
  }

  /** Whether the server acknowledges all that this session holds by now; false when the session ends before. */
  acknowledged(): Promise<boolean> {
    if (unsaved(this.#model) === 0) return Promise.resolve(true)
    return new Promise((done) => this.#waiting.push({ edits: this.#model.edits, done }))
  }

  #waiting: { readonly edits: number; readonly done: (saved: boolean) => void }[] = []

  #tellWaiting(saved: number | null): void {
    const told = this.#waiting.filter(({ edits }) => saved === null || edits <= saved)
    this.#waiting = this.#waiting.filter((each) => !told.includes(each))
    for (const { done } of told) done(saved !== null)
  }

  close(): void {
    this.#closed = true
    clearInterval(this.#clock)
    device.holders.delete(this.#holds)
    void this.#shut()
    this.session?.close()
  }

  get #address(): string {
    const { id, documents } = this.#around.case
    return `${id}/${documents.get(this.#kind.name) ?? this.#kind.name}`
  }

  async open(): Promise<void> {
    const address = this.#address
    const { me } = this.#around
    this.session = null
    this.hasContent = false
    await this.#shut()
    const kept = await this.#recall(address)
    if (this.#closed) return
    this.#model = start(navigator.onLine, now(), kept.reduce((sum, { changes }) => sum + changes, 0))
    this.session = openSession({
      url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/collab?person=${encodeURIComponent(me.id)}`,
      address,
      me,
      sections: this.#kind.sections,
      words: this.#kind.words,
      online: navigator.onLine,
      now,
      wall: Date.now,
      random: Math.random,
      kept,
      Socket: WebSocket,
      onModel: (model) => this.#learn(model),
      onPeople: (people) => {
        if (!samePeople(this.people, people)) this.people = people
      },
      onContent: () => {
        this.hasContent = true
        this.#ask()
        this.#around.there()
        void this.#bringAlong(address)
      },
      onEdit: (edit, update, origin) => this.#edited(edit, update, origin),
      onArrival: (update) => this.#keeper?.arrived(update),
      onStranded: (writing, whose) => void this.#around.rescued.add(writing, STRANDED[whose], ''),
      onRefused: (refusal, writing) => void this.#refused(address, refusal, writing),
      onEnded: (why, writing) => void this.#ended(address, why, writing),
      onLocked: () => this.#around.locked(),
      onAdmitted: () => this.#around.admitted(),
      onDoubt: () => void this.#around.refresh(),
      onChanged: () => this.#around.changed(),
    })
    this.#around.opened(this.session)
    this.#meet(`${me.id} ${address}`, this.session)
  }

  /** What this device has of the document; from now on it keeps what happens. */
  async #recall(address: string): Promise<readonly Kept[]> {
    const opened = await device.attempt((vault) => Keeper.open(vault, address, (error) => this.#forgo(error)))
    this.#keeper = opened?.keeper ?? null
    this.isKept = this.#keeper !== null
    return opened?.kept ?? []
  }

  /** Copies were turned on while this is open: all of the document, and once more what waits for its acknowledgement. */
  async #startKeeping(): Promise<void> {
    await this.#around.keeps()
    const { session, hasContent } = this
    if (session === null || !hasContent) return
    const address = this.#address
    await device.attempt(async (vault) => {
      const { keeper, kept } = await Keeper.open(vault, address, (error) => this.#forgo(error))
      for (const { update } of kept) Y.applyUpdate(session.doc, update, KEPT) // what is there already is not lost
      this.#keeper = keeper
      this.isKept = true
      keeper.arrived(Y.encodeStateAsUpdate(session.doc))
      for (const { edit, update } of session.pending()) keeper.edited(edit, update, () => undefined)
    })
  }

  #meet(name: string, session: Session): void {
    this.#siblings = meetSiblings(
      name,
      ({ update, piece, alone }) => {
        if (this.#model.link.at === 'open' && !alone) return // the server tells us as well
        if (!this.mayWrite) return // it would be refused here too
        const before = this.#model.edits
        this.#piece = piece
        Y.applyUpdate(session.doc, update, SIBLING)
        this.#piece = null
        if (piece !== null && this.#model.edits > before) this.#keeper?.alreadyKept(this.#model.edits, piece)
      },
      (stateVector) => (unsaved(this.#model) === 0 ? null : Y.encodeStateAsUpdate(session.doc, stateVector)),
    )
    if (this.hasContent) this.#ask()
  }

  /** Not before there is content: a tab that has nothing would take all of it for an edit of ours. */
  #ask(): void {
    if (this.session !== null) this.#siblings?.ask(Y.encodeStateVector(this.session.doc))
  }

  /** Where another tab keeps the edit that is being applied. */
  #piece: number | null = null

  #edited(edit: number, update: Uint8Array, origin: unknown): void {
    const alone = this.#model.link.at !== 'open'
    if (origin === SIBLING) {
      if (this.#piece === null) this.#keeper?.edited(edit, update, () => undefined)
      return
    }
    if (this.#keeper === null) this.#siblings?.tell(update, null, alone)
    else this.#keeper.edited(edit, update, (piece) => this.#siblings?.tell(update, piece, alone))
  }

  #learn(model: Model): void {
    this.#model = model
    this.#now = now()
    this.#keeper?.saved(model.saved)
    this.#tellWaiting(model.saved)
    if (unsaved(model) === 0 && this.session !== null) {
      const { doc } = this.session
      this.#keeper?.settle(() => Y.encodeStateAsUpdate(doc))
    }
  }

  #tick(): void {
    this.#now = now()
    if (device.vault === null && this.#keeper !== null) this.#forgo(null)
    const isLate = device.vault !== null && this.#keeper === null && this.session !== null && this.hasContent
    if (!isLate || this.#isStarting || this.#model.link.at === 'ended') return
    this.#isStarting = true
    void this.#startKeeping().finally(() => (this.#isStarting = false))
  }

  #isStarting = false

  /** The device keeps nothing more; this tab goes on by itself. */
  #forgo(error: unknown): void {
    this.#keeper = null
    this.isKept = false
    if (error !== null) device.failed(error)
  }

  async #refused(address: string, refusal: Refusal, writing: Writing): Promise<void> {
    this.session = null // at once: what is typed into a document that is over would be lost
    await this.#shut()
    const kept = await this.#rescue(address, refusal.reason, refusal.title, writing)
    this.#around.refused(kept ? null : refusal)
    if (this.#closed) return
    await this.open()
    if (refusal.reason === 'read-only') await this.#learnWhy(writing.fingerprint)
  }

  /** "You may only read" has two reasons; the case itself says whether it is finished. */
  async #learnWhy(id: string): Promise<void> {
    await this.#around.refresh()
    if (!WRITABLE.has(this.#around.case.state)) await this.#around.rescued.explain(id, 'concluded')
  }

  async #ended(address: string, why: Ending, writing: Writing): Promise<void> {
    this.#left = why === 'moved' && this.session !== null ? { doc: this.session.doc, rescued: writing.fingerprint } : null
    await this.#shut()
    await this.#rescue(address, why, '', writing)
    if (why === 'no-access') await device.dropCase(this.#around.case.id)
    if (why === 'moved') await this.#followMove(address)
  }

  /**
   * First the draft, then the copy goes: a crash between the two leaves both, and the draft's name is that of its edits.
   * Whether there was anything to keep.
   */
  async #rescue(address: string, reason: string, title: string, writing: Writing): Promise<boolean> {
    const worth = saysSomething(writing)
    if (worth) await this.#around.rescued.add(writing, reason, title)
    await device.attempt((vault) => vault.drop(address))
    return worth
  }

  /** The document may continue under a new name; if it does not, the page stays where it is and says so. */
  async #followMove(from: string): Promise<void> {
    const answer = await device.askCase(this.#around.case.id)
    if (!answer.ok || this.#closed) return
    this.#around.take(answer.value)
    if (this.#address !== from) await this.open()
  }

  /** The document that was moved away from, and the name of the draft of what was not saved in it. */
  #left: { readonly doc: Y.Doc; readonly rescued: string } | null = null

  /**
   * A document that was restored is the same one as of an earlier time: of what was saved since, its author's page is the only
   * one that knows. What the page had not saved is the end of it, and goes into the same draft.
   */
  async #bringAlong(address: string): Promise<void> {
    const [left, now] = [this.#left, this.session]
    this.#left = null
    if (left === null || now === null || !RESTORED.test(address)) return
    const { rescued } = this.#around
    const lost = this.#kind.words.lacking(now.doc, left.doc)
    if (lost.fingerprint === left.rescued || !saysSomething(lost)) return
    await rescued.add(lost, 'restored', '')
    const shorter = rescued.all.find(({ id }) => id === left.rescued)
    if (shorter !== undefined) await rescued.putAway(shorter)
  }

  /** What was being written to the device is there afterwards. */
  async #shut(): Promise<void> {
    const keeper = this.#keeper
    this.#tellWaiting(null)
    this.#siblings?.close()
    this.#siblings = null
    this.#keeper = null
    this.isKept = false
    await keeper?.close()
  }
}
