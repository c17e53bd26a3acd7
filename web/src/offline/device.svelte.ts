/** Copies on this device, as reactive state: whether they are kept, for whom, and what stands in the way. */
import { type Answer, type Case, keptMe, type Me, offlineKey, openCaseToKeep, type Problem, SHORT_PATIENCE_MS, whoAmI, whoAmIToKeep } from '../api'
import { type Database, openDatabase, type WishRow } from './database'
import type { Draft } from './drafts'
import { empty, tidy } from './forgetting'
import { type KeptCase, readKeptCase } from './kept'
import type { Verdict } from './lease'
import { type Orphan, wordsLeft } from './orphans'
import { Emptied, Vault } from './vault'
import { dismissWorker, engageWorker } from './worker-page.svelte'

/** `clock`: copies are there, but the device's clock was set back: the server must be reached before they are opened. */
export type Trouble = 'blocked' | 'insecure' | 'full' | 'clock' | 'over'

/** How often the time is noted, and how often the server is asked whether the sign-in still stands. */
const SEE_MS = 60_000
const CONTACT_MS = 10 * 60_000

/** The answer that brings a new sign-in's cookie is on its way when the old one ends. */
const REPLACED_MS = 1000

/** Who was here last: without a network nobody else's copies are opened. */
const PERSON = 'consilium.person'

class Device {
  /** The one vault that is open, if any. */
  vault = $state.raw<Vault | null>(null)
  /** Whether this person was never asked here. */
  isNew = $state(false)
  trouble = $state<Trouble | null>(null)
  /** How often what is kept was gone through with the server. */
  learned = $state(0)
  /** What would be lost if this page went away now. Parts of the page that hold something put a question in here. */
  readonly holders = new Set<() => boolean>()
  /** The cases that are open in this tab. */
  readonly opened = new Set<string>()
  /** What was written in cases that one may not see any more: in this tab alone, until it is put away. */
  orphans = $state.raw<readonly Orphan[]>([])

  #database: Promise<Database> | null = null
  #me: Me | null = null
  #timers: ReturnType<typeof setInterval>[] = []
  readonly #channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('consilium device')

  constructor() {
    this.#channel?.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (data === this.vault?.person) this.#lose(null)
    })
  }

  /** Without a network: who was here last and keeps copies. Decrypts nothing whose time is over. */
  async recall(): Promise<Me | null> {
    try {
      const person = localStorage.getItem(PERSON)
      if (person === null) return null
      const { vault, verdict } = await Vault.recall(await this.#open(), person, Date.now)
      if (verdict !== 'good') this.trouble = verdict
      if (vault === null) return null
      const [fact] = await vault.facts('me')
      if (fact === undefined) return null
      this.#have(vault)
      this.#me = keptMe(fact.value)
      return this.#me
    } catch {
      return null
    }
  }

  /** The server knows who this is. */
  async meet(me: Me): Promise<void> {
    if (this.vault !== null && this.vault.person !== me.id) this.#lose(null)
    if (this.#me?.id !== me.id) this.orphans = []
    this.#me = me
    try {
      localStorage.setItem(PERSON, me.id)
      const database = await this.#open()
      for (const gone of await tidy(database, me.id, Date.now)) this.#channel?.postMessage(gone)
      const wish = await database.get('wishes', me.id)
      this.isNew = wish === undefined
      if (wish?.keep === true) await this.#contact(me)
    } catch {
      this.trouble ??= 'blocked'
    }
  }

  async turnOn(): Promise<void> {
    const me = this.#me
    if (me === null) return
    this.trouble = null
    try {
      const database = await this.#open()
      await database.put('wishes', { person: me.id, keep: true })
      this.isNew = false
      await this.#contact(me)
      if (this.vault !== null) void navigator.storage?.persist?.()
    } catch {
      this.trouble ??= 'blocked'
    }
  }

  /** The question goes when the no is kept, not before: the page may be left at any moment. */
  async turnOff(): Promise<void> {
    const person = this.#me?.id
    await this.#forget(person, person === undefined ? null : { person, keep: false })
    this.isNew = false
  }

  /** Ends what this person has here. Whether the browser's sign-in is theirs, and has to end too. */
  async leave(): Promise<boolean> {
    const person = this.#me?.id
    const isTheirs = localStorage.getItem(PERSON) === (person ?? null)
    await this.#forget(person)
    if (isTheirs) localStorage.removeItem(PERSON)
    this.#me = null
    this.orphans = []
    return isTheirs
  }

  /** Also what could not be opened just now, by a clock that was set back or a full disk. */
  async #forget(person: string | undefined, wish: WishRow | null = null): Promise<void> {
    this.#lose(null)
    if (person === undefined) return
    try {
      await empty(await this.#open(), person, wish)
    } catch {
      this.trouble = 'blocked'
    }
    this.#channel?.postMessage(person)
    await this.#dismissUnneededWorker()
  }

  /**
   * The server said 401. Before the sign-in's own end that means: revoked. Then the copies go. Not when another sign-in has
   * just taken its place in this browser: the old one is over a moment before the new one is here.
   */
  async refused(problem: Problem): Promise<void> {
    if (problem.kind !== 'signed-out') return
    try {
      const person = this.#me?.id ?? localStorage.getItem(PERSON)
      if (person === null || problem.at === null) return
      const endsAt = await Vault.signInEndsAt(await this.#open(), person)
      if (endsAt === null || problem.at >= endsAt) return
      await new Promise((resolve) => setTimeout(resolve, REPLACED_MS))
      const again = await whoAmI(SHORT_PATIENCE_MS)
      if (!again.ok && again.problem.kind === 'signed-out') await this.#forget(person)
    } catch {
      return // nothing is kept here
    }
  }

  /** A case by its API, kept for later; without a network as it was kept. */
  async openCase(id: string): Promise<Answer<Case>> {
    const [copy] = await this.cases(`case/${id}`)
    const answer = await this.askCase(id, copy === undefined ? undefined : SHORT_PATIENCE_MS)
    if (answer.ok || (answer.problem.kind !== 'unreachable' && answer.problem.kind !== 'failed')) return answer
    const [kept] = await this.cases(`case/${id}`)
    return kept === undefined ? answer : { ok: true, value: kept.case }
  }

  /** A case by its API alone. What the answer means for the copies is done: kept, dropped, or all of them gone. */
  async askCase(id: string, patienceMs?: number): Promise<Answer<Case>> {
    const answer = await openCaseToKeep(id, patienceMs)
    if (answer.ok) {
      await this.attempt((vault) => vault.keep(`case/${id}`, answer.value.body))
      return { ok: true, value: answer.value.value }
    }
    if (answer.problem.kind === 'not-found') await this.dropCase(id)
    else await this.refused(answer.problem)
    return answer
  }

  async dropCase(id: string): Promise<void> {
    await this.attempt((vault) => vault.dropCase(id))
  }

  async cases(beginning = 'case/'): Promise<readonly KeptCase[]> {
    const { vault } = this
    if (vault === null) return []
    const [facts, unsaved] = (await this.attempt(async () => Promise.all([vault.facts(beginning), vault.unsaved()]))) ?? [[], new Map()]
    return facts
      .flatMap((fact) => readKeptCase(fact, unsaved))
      .sort((a, b) => b.at - a.at)
  }

  /** Do something with the vault, if there is one; what goes wrong with it is told, and copies end. */
  async attempt<T>(work: (vault: Vault) => Promise<T>): Promise<T | null> {
    if (this.vault === null) return null
    try {
      return await work(this.vault)
    } catch (error) {
      this.failed(error)
      return null
    }
  }

  failed(error: unknown): void {
    if (error instanceof Emptied) return this.#lose(null)
    this.#lose(error instanceof DOMException && error.name === 'QuotaExceededError' ? 'full' : 'blocked')
  }

  /** Whether this page could go on without the server: it is kept itself, and so may cases be. */
  get hasCopies(): boolean {
    return 'serviceWorker' in navigator && navigator.serviceWorker.controller !== null
  }

  /** Who this device believes is here: told by the server, or recalled. */
  get me(): Me | null {
    return this.vault === null ? null : this.#me
  }

  /** How many edits would be lost with the copies. */
  async unsaved(): Promise<number> {
    const counts = await this.attempt((vault) => vault.unsaved())
    return [...(counts?.values() ?? [])].reduce((sum, count) => sum + count, 0)
  }

  get isHolding(): boolean {
    return [...this.holders].some((holds) => holds())
  }

  async #contact(me: Me): Promise<void> {
    if (globalThis.crypto?.subtle === undefined) {
      this.trouble = 'insecure'
      return
    }
    const answer = await offlineKey()
    if (!answer.ok) return this.refused(answer.problem)
    if (answer.value.person !== me.id) return
    const vault = await Vault.admit(await this.#open(), answer.value, Date.now)
    const who = await whoAmIToKeep()
    if (who.ok) await vault.keep('me', who.value.body)
    this.#have(vault)
    void this.#refresh()
  }

  /** Learn again what may be kept: access may have ended while the device was away. */
  async #refresh(): Promise<void> {
    const unsaved = (await this.attempt((vault) => vault.unsaved())) ?? new Map()
    const written = [...unsaved.keys()].map((document) => document.split('/')[0] ?? '')
    const titles = new Map((await this.cases()).map((kept) => [kept.case.id, kept.case.title]))
    for (const id of new Set([...titles.keys(), ...written])) {
      const words = await this.attempt((vault) => wordsLeft(vault, id, titles.get(id) ?? '', Date.now()))
      const answer = await this.askCase(id)
      const isLost = !answer.ok && answer.problem.kind === 'not-found' && !this.opened.has(id) // an open case tells of its own
      if (isLost) this.orphans = [...this.orphans, ...(words ?? [])]
    }
    this.learned += 1
  }

  putAway(draft: Draft): void {
    this.orphans = this.orphans.filter((orphan) => orphan.draft !== draft)
  }

  #have(vault: Vault): void {
    this.vault = vault
    this.isNew = false
    this.trouble = null
    engageWorker()
    if (this.#timers.length > 0) return
    this.#timers = [setInterval(() => void this.#see(), SEE_MS), setInterval(() => void this.#renew(), CONTACT_MS)]
  }

  /** After a long sleep the time looks over although the server is there again: it is asked before anything is removed. */
  async #see(): Promise<void> {
    const look = (): Promise<Verdict | null> => this.attempt((vault) => vault.see())
    if ((await look()) !== 'over') return
    await this.#renew()
    if ((await look()) !== 'over') return
    await this.#forget(this.vault?.person)
    this.trouble = 'over'
  }

  async #renew(): Promise<void> {
    if (this.#me === null || this.vault === null || !navigator.onLine) return
    try {
      const answer = await offlineKey(SHORT_PATIENCE_MS)
      if (!answer.ok) return await this.refused(answer.problem)
      if (answer.value.person === this.vault.person) this.vault = await Vault.admit(await this.#open(), answer.value, Date.now)
    } catch (error) {
      this.failed(error)
    }
  }

  #lose(trouble: Trouble | null): void {
    this.vault = null
    this.trouble = trouble
    for (const timer of this.#timers) clearInterval(timer)
    this.#timers = []
    if (trouble === null) void this.#dismissUnneededWorker()
  }

  async #dismissUnneededWorker(): Promise<void> {
    try {
      if ((await (await this.#open()).count('vaults')) === 0) await dismissWorker()
    } catch {
      return // nothing is kept here, so nothing needs it; a later visit tries again
    }
  }

  /** Several answers may need it at once; a failed try is not remembered. */
  #open(): Promise<Database> {
    this.#database ??= openDatabase(() => void this.#letGo()).catch((error: unknown) => {
      this.#database = null
      throw error
    })
    return this.#database
  }

  /** A newer page wants to change the database; this one does without. */
  async #letGo(): Promise<void> {
    ;(await this.#database)?.close()
    this.#database = null
    this.#lose('blocked')
  }
}

/** There is one device. */
export const device = new Device()
