/** One open case as reactive state: its record, what is around it, and what had to be rescued. */
import type { Case, Me } from '../api'
import { device } from '../offline/device.svelte'
import { Rescued } from '../offline/rescued.svelte'
import { Gallery } from '../media/gallery.svelte'
import { uploading } from '../media/uploading.svelte'
import { Proposals } from '../proposals/proposals.svelte'
import type { Presence, Present } from '../sync/people'
import type { Refusal } from '../sync/refusal'
import type { Session } from '../sync/session'
import type { Status } from '../sync/status'
import type { CaseState } from '../words'
import type { Around } from './around'
import { OpenDocument } from './document.svelte'
import { RECORD_KIND } from './kinds'
import { Spaced } from './spaced'

/** A series that arrives changes the case hundreds of times: each open page asks once a second, and at once for a single change. */
const NEWS_APART_MS = 1_000

/** Another document of the case, open as well. */
interface Beside {
  readonly session: Session | null
  close(): void
}

export class OpenRecord implements Around {
  case: Case
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
  /** How this page's own actions left the case: what comes of them is no news here. */
  mine: { readonly title?: string; readonly state?: CaseState } = {}

  #me: Me
  #asking: Promise<void> | null = null
  #isStale = false
  #admitted = false
  #closed = false
  readonly #document: OpenDocument
  /** What is open beside the record: what becomes of the sign-in and of the network becomes of it too. */
  readonly #beside: Beside[] = []
  readonly #first: (() => void)[] = []
  readonly #news = new Spaced(NEWS_APART_MS, () => void this.refresh())
  readonly #holds = (): boolean => this.isHolding

  constructor(opened: Case, me: Me) {
    this.case = $state.raw(opened)
    this.rescued = new Rescued(opened.id)
    this.proposals = new Proposals(opened.id, me.id)
    this.gallery = new Gallery(opened.id)
    this.#me = me
    this.#document = new OpenDocument(RECORD_KIND, this)
    device.holders.add(this.#holds)
    device.opened.add(opened.id)
    void this.#begin()
  }

  get session(): Session | null {
    return this.#document.session
  }

  get people(): readonly Present[] {
    return this.#document.people
  }

  get hasContent(): boolean {
    return this.#document.hasContent
  }

  get isKept(): boolean {
    return this.#document.isKept
  }

  get status(): Status {
    return this.#document.status
  }

  get mayWrite(): boolean {
    return this.#document.mayWrite
  }

  /** Whether closing the tab would lose something. */
  get isHolding(): boolean {
    return this.#document.isHolding || this.rescued.all.some((draft) => !this.rescued.isKept(draft))
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
      } else if (answer.problem.kind === 'not-found') this.leave()
      else if (answer.problem.kind === 'signed-out') for (const session of this.#sessions) session.lock()
    }
  }

  take(latest: Case): void {
    this.case = latest
    for (const session of this.#sessions) session.introduce(this.me)
  }

  /** Also open in this case from now on; `first` is told once the record is there, which nothing else holds up. */
  join(document: Beside, first: () => void): void {
    this.#beside.push(document)
    this.#first.push(first)
    if (this.hasContent) this.there()
  }

  get #sessions(): readonly Session[] {
    return [this.#document, ...this.#beside].flatMap(({ session }) => session ?? [])
  }

  /** We have just changed it, and this is how it stands; rights and members follow. */
  stands(life: { readonly title: string; readonly state: CaseState }): void {
    this.take({ ...this.case, ...life })
    void this.refresh()
  }

  /** We have left the case: as if the server had shown us out, the copies on this device included. */
  leave(): void {
    for (const session of this.#sessions) session.end('no-access')
  }

  network(online: boolean): void {
    for (const session of this.#sessions) session.network(online)
  }

  /** The same person has signed in again. */
  async signedIn(): Promise<void> {
    this.isLocked = false
    for (const session of this.#sessions) session.unlock()
    uploading.meet(this.#me.id)
    await device.meet(this.#me)
  }

  /** Whether the server acknowledges all that this session holds by now; false when the session ends before. */
  acknowledged(): Promise<boolean> {
    return this.#document.acknowledged()
  }

  refused(refusal: Refusal | null): void {
    this.refusal = refusal
  }

  locked(): void {
    this.isLocked = true
  }

  admitted(): void {
    if (this.#admitted) void this.refresh() // while we were away, rights and members may have changed
    this.#admitted = true
  }

  changed(): void {
    this.#news.ask()
  }

  opened(): void {}

  there(): void {
    for (const begin of this.#first.splice(0)) begin()
  }

  /** Copies were turned on while the case is open. */
  async keeps(): Promise<void> {
    await device.askCase(this.case.id)
    await this.rescued.keepAll()
  }

  close(): void {
    this.#closed = true
    this.#news.close()
    this.gallery.close()
    device.holders.delete(this.#holds)
    device.opened.delete(this.case.id)
    for (const document of [this.#document, ...this.#beside]) document.close()
  }

  async #begin(): Promise<void> {
    void this.proposals.refresh()
    this.gallery.refresh()
    await this.rescued.recall()
    await this.#document.open()
  }
}
