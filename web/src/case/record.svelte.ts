/** The open record of one case as reactive state: the session, its status, the people, and what had to be rescued. */
import * as Y from 'yjs'
import type { Case, Me } from '../api'
import { device } from '../offline/device.svelte'
import { STRANDED } from '../offline/drafts'
import { Keeper } from '../offline/keeper'
import { Rescued } from '../offline/rescued.svelte'
import { meetSiblings, type Siblings } from '../offline/siblings'
import { Gallery } from '../media/gallery.svelte'
import { uploading } from '../media/uploading.svelte'
import { Proposals } from '../proposals/proposals.svelte'
import { SECTION_NAMES } from '../sections'
import { type Presence, type Present, samePeople } from '../sync/people'
import type { Refusal } from '../sync/refusal'
import { KEPT, type Kept, openSession, type Session, SIBLING } from '../sync/session'
import { type Ending, type Model, start, type Status, statusOf, unsaved } from '../sync/status'
import { lackingIn, saysSomething, type Writing } from '../sync/writing'
import type { CaseState } from '../words'
import { Spaced } from './spaced'

const TICK_MS = 500
/** A series that arrives changes the case hundreds of times: each open page asks once a second, and at once for a single change. */
const NEWS_APART_MS = 1_000
const WRITABLE: ReadonlySet<CaseState> = new Set(['draft', 'open'])

/** The name of a document that goes on after a restore: its epoch is a time. */
const RESTORED = /~\d{10,}$/

/** A clock that never jumps. */
const now = (): number => performance.now()

export class OpenRecord {
  case: Case
  session = $state.raw<Session | null>(null)
  people = $state.raw<readonly Present[]>([])
  hasContent = $state(false)
  /** What the server did not take, until its author puts it away. */
  readonly rescued: Rescued
  /** What people ask to include here, and what became of it. */
  readonly proposals: Proposals
  /** Images and files. */
  readonly gallery: Gallery
  /** A refusal that cost no text still has to be told. */
  refusal = $state.raw<Refusal | null>(null)
  /** The sign-in is over; everything waits for a fresh one. */
  isLocked = $state(false)
  /** Whether what is not saved would survive this tab. */
  isKept = $state(false)
  /** How this page's own actions left the case: what comes of them is no news here. */
  mine: { readonly title?: string; readonly state?: CaseState } = {}

  #model = $state.raw<Model>(start(navigator.onLine, now()))
  #now = $state(now())
  #me: Me
  #asking: Promise<void> | null = null
  #isStale = false
  #admitted = false
  #closed = false
  #keeper: Keeper | null = null
  #siblings: Siblings | null = null
  #clock: ReturnType<typeof setInterval>
  readonly #news = new Spaced(NEWS_APART_MS, () => void this.refresh())
  readonly #holds = (): boolean => this.isHolding

  constructor(opened: Case, me: Me) {
    this.case = $state.raw(opened)
    this.rescued = new Rescued(opened.id)
    this.proposals = new Proposals(opened.id, me.id)
    this.gallery = new Gallery(opened.id)
    this.#me = me
    this.#clock = setInterval(() => this.#tick(), TICK_MS)
    device.holders.add(this.#holds)
    device.opened.add(opened.id)
    void this.#begin()
  }

  get status(): Status {
    return statusOf(this.#model, this.#now, this.isKept ? 'device' : 'tab')
  }

  /** As the server last said; before it says anything, as it did when the case was kept. */
  get mayWrite(): boolean {
    const { scope, link } = this.#model
    if (link.at === 'ended') return false
    if (scope === null) return this.hasContent && this.case.rights.has('write record')
    return scope === 'read-write'
  }

  /** Whether closing the tab would lose something. */
  get isHolding(): boolean {
    const lost = unsaved(this.#model) > 0 && this.#keeper?.isSafe !== true
    return lost || this.rescued.all.some((draft) => !this.rescued.isKept(draft))
  }

  get me(): Presence {
    // As the case knows us now: a name may have been changed on another page since this one was opened.
    const own = this.case.members.find(({ person }) => person.id === this.#me.id)
    return { id: this.#me.id, name: own?.person.name ?? this.#me.name, role: this.case.role ?? '', color: this.#me.color }
  }

  /** Learn again what we may do here. What is being answered may be older than what is asked for: it is asked once more. */
  refresh(): Promise<void> {
    this.#isStale = true
    this.#asking ??= this.#learnCase().finally(() => (this.#asking = null))
    return this.#asking
  }

  async #learnCase(): Promise<void> {
    while (this.#isStale && !this.#closed) {
      this.#isStale = false
      const answer = await device.askCase(this.case.id)
      if (answer.ok) {
        this.take(answer.value)
        void this.proposals.refresh()
        this.gallery.refresh()
      } else if (answer.problem.kind === 'not-found') this.session?.end('no-access')
      else if (answer.problem.kind === 'signed-out') this.session?.lock()
    }
  }

  take(latest: Case): void {
    this.case = latest
    this.session?.introduce(this.me)
  }

  /** We have just changed it, and this is how it stands; rights and members follow. */
  stands(life: { readonly title: string; readonly state: CaseState }): void {
    this.take({ ...this.case, ...life })
    void this.refresh()
  }

  /** We have left the case: as if the server had shown us out, the copies on this device included. */
  leave(): void {
    this.session?.end('no-access')
  }

  network(online: boolean): void {
    this.session?.network(online)
  }

  /** The same person has signed in again. */
  async signedIn(): Promise<void> {
    this.isLocked = false
    this.session?.unlock()
    uploading.meet(this.#me.id)
    await device.meet(this.#me)
  }

  /** Copies were turned on while the record is open: keep what is on the screen. */
  async #startKeeping(): Promise<void> {
    await device.askCase(this.case.id)
    await this.#keepFromNow()
    await this.rescued.keepAll()
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
    this.#news.close()
    this.gallery.close()
    device.holders.delete(this.#holds)
    device.opened.delete(this.case.id)
    void this.#shut()
    this.session?.close()
  }

  get #document(): string {
    return `${this.case.id}/${this.case.documents.get('record') ?? 'record'}`
  }

  async #begin(): Promise<void> {
    void this.proposals.refresh()
    this.gallery.refresh()
    await this.rescued.recall()
    await this.#open()
  }

  async #open(): Promise<void> {
    const address = this.#document
    this.session = null
    this.hasContent = false
    await this.#shut()
    const kept = await this.#recall(address)
    if (this.#closed) return
    this.#model = start(navigator.onLine, now(), kept.reduce((sum, { changes }) => sum + changes, 0))
    this.session = openSession({
      url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/collab?person=${encodeURIComponent(this.#me.id)}`,
      address,
      me: this.me,
      sections: SECTION_NAMES,
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
        void this.#bringAlong(address)
      },
      onEdit: (edit, update, origin) => this.#edited(edit, update, origin),
      onArrival: (update) => this.#keeper?.arrived(update),
      onStranded: (writing, whose) => void this.rescued.add(writing, STRANDED[whose], ''),
      onRefused: (refusal, writing) => void this.#refused(address, refusal, writing),
      onEnded: (why, writing) => void this.#ended(address, why, writing),
      onLocked: () => (this.isLocked = true),
      onAdmitted: () => {
        if (this.#admitted) void this.refresh() // while we were away, rights and members may have changed
        this.#admitted = true
      },
      onDoubt: () => void this.refresh(),
      onChanged: () => this.#news.ask(),
    })
    this.#meet(address, this.session)
  }

  /** What this device has of the document; from now on it keeps what happens. */
  async #recall(address: string): Promise<readonly Kept[]> {
    const opened = await device.attempt((vault) => Keeper.open(vault, address, (error) => this.#forgo(error)))
    this.#keeper = opened?.keeper ?? null
    this.isKept = this.#keeper !== null
    return opened?.kept ?? []
  }

  /** Put down all of the document, and once more what waits for its acknowledgement. What is there already is not lost. */
  async #keepFromNow(): Promise<void> {
    const { session, hasContent } = this
    if (session === null || !hasContent) return
    const address = this.#document
    await device.attempt(async (vault) => {
      const { keeper, kept } = await Keeper.open(vault, address, (error) => this.#forgo(error))
      for (const { update } of kept) Y.applyUpdate(session.doc, update, KEPT)
      this.#keeper = keeper
      this.isKept = true
      keeper.arrived(Y.encodeStateAsUpdate(session.doc))
      for (const { edit, update } of session.pending()) keeper.edited(edit, update, () => undefined)
    })
  }

  #meet(address: string, session: Session): void {
    this.#siblings = meetSiblings(
      `${this.#me.id} ${address}`,
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
    this.refusal = kept ? null : refusal
    if (this.#closed) return
    await this.#open()
    if (refusal.reason === 'read-only') await this.#learnWhy(writing.fingerprint)
  }

  /** "You may only read" has two reasons; the case itself says whether it is finished. */
  async #learnWhy(id: string): Promise<void> {
    await this.refresh()
    if (!WRITABLE.has(this.case.state)) await this.rescued.explain(id, 'concluded')
  }

  async #ended(address: string, why: Ending, writing: Writing): Promise<void> {
    this.#left = why === 'moved' && this.session !== null ? { doc: this.session.doc, rescued: writing.fingerprint } : null
    await this.#shut()
    await this.#rescue(address, why, '', writing)
    if (why === 'no-access') await device.dropCase(this.case.id)
    if (why === 'moved') await this.#followMove(address)
  }

  /**
   * First the draft, then the copy goes: a crash between the two leaves both, and the draft's name is that of its edits.
   * Whether there was anything to keep.
   */
  async #rescue(address: string, reason: string, title: string, writing: Writing): Promise<boolean> {
    const worth = saysSomething(writing)
    if (worth) await this.rescued.add(writing, reason, title)
    await device.attempt((vault) => vault.drop(address))
    return worth
  }

  /** The record may continue under a new name; if it does not, the page stays where it is and says so. */
  async #followMove(from: string): Promise<void> {
    const answer = await device.askCase(this.case.id)
    if (!answer.ok || this.#closed) return
    this.take(answer.value)
    if (this.#document !== from) await this.#open()
  }

  /** The document that was moved away from, and the name of the draft of what was not saved in it. */
  #left: { readonly doc: Y.Doc; readonly rescued: string } | null = null

  /**
   * A record that was restored is the same one as of an earlier time: of what was saved since, its author's page is the only
   * one that knows. What the page had not saved is the end of it, and goes into the same draft.
   */
  async #bringAlong(address: string): Promise<void> {
    const [left, now] = [this.#left, this.session]
    this.#left = null
    if (left === null || now === null || !RESTORED.test(address)) return
    const lost = lackingIn(now.doc, left.doc, SECTION_NAMES)
    if (lost.fingerprint === left.rescued || !saysSomething(lost)) return
    await this.rescued.add(lost, 'restored', '')
    const shorter = this.rescued.all.find(({ id }) => id === left.rescued)
    if (shorter !== undefined) await this.rescued.putAway(shorter)
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
