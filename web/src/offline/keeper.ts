/** Keeps the local copy of one open document: writes what happens, in order, and notes what the server has acknowledged. */
import * as Y from 'yjs'
import type { Kept } from '../sync/session'
import type { Vault } from './vault'

/** More pieces than this are put together, when everything is acknowledged or when nothing else is to do. */
const MANY_PIECES = 200

/** `mergeUpdates` is quadratic: never more than this at once. */
const AT_ONCE = 8

interface Job {
  readonly update: Uint8Array
  /** The number of the edit in this session; none for what came from others. */
  readonly edit: number | null
  readonly kept: (piece: number) => void
}

export class Keeper {
  readonly #vault: Vault
  readonly #document: string
  readonly #onTrouble: (error: unknown) => void
  #jobs: Job[] = []
  #working: Promise<void> | null = null
  #saved = 0
  /** Pieces with edits that wait for their acknowledgement: the last edit in each, and where it is kept. */
  #waiting: { readonly edit: number; readonly piece: number }[] = []
  #pieces: number[] = []
  #over = false

  private constructor(vault: Vault, document: string, onTrouble: (error: unknown) => void) {
    this.#vault = vault
    this.#document = document
    this.#onTrouble = onTrouble
  }

  /** Read what is kept. `onTrouble` is told once when the device keeps nothing more. */
  static async open(
    vault: Vault,
    document: string,
    onTrouble: (error: unknown) => void,
  ): Promise<{ keeper: Keeper; kept: readonly Kept[] }> {
    const keeper = new Keeper(vault, document, onTrouble)
    const pieces = await vault.pieces(document)
    let edit = 0
    for (const { id, changes } of pieces) {
      keeper.#pieces.push(id)
      edit += changes
      if (changes > 0) keeper.#waiting.push({ edit, piece: id })
    }
    return { keeper, kept: pieces }
  }

  /** Whether every edit is on the device that the server has not acknowledged. */
  get isSafe(): boolean {
    return !this.#over && !this.#jobs.some(({ edit }) => edit !== null && edit > this.#saved)
  }

  edited(edit: number, update: Uint8Array, kept: (piece: number) => void): void {
    this.#push({ update, edit, kept })
  }

  arrived(update: Uint8Array): void {
    this.#push({ update, edit: null, kept: () => undefined })
  }

  /** Another tab of ours keeps this edit already, with others perhaps in one piece. */
  alreadyKept(edit: number, piece: number): void {
    if (!this.#pieces.includes(piece)) this.#pieces.push(piece)
    this.#waiting = [...this.#waiting.filter((each) => each.piece !== piece), { edit, piece }]
  }

  /** The server has acknowledged the first `edits` of this session. */
  saved(edits: number): void {
    if (edits <= this.#saved) return
    this.#saved = edits
    this.#work()
  }

  /** Everything is acknowledged: one piece says it all. */
  settle(whole: () => Uint8Array): void {
    if (this.#pieces.length > MANY_PIECES && this.#jobs.length === 0) this.#work(whole)
  }

  /** Stop writing; what is on its way still arrives. */
  async close(): Promise<void> {
    await this.#working
    this.#over = true
  }

  #push(job: Job): void {
    if (this.#over) return
    this.#jobs.push(job)
    this.#work()
  }

  #work(whole?: () => Uint8Array): void {
    if (this.#over) return
    this.#working ??= this.#writeAll(whole)
      .catch((error: unknown) => {
        this.#over = true
        this.#onTrouble(error)
      })
      .finally(() => {
        this.#working = null
        if (this.#jobs.length > 0) this.#work() // it came after the last look, before this
      })
  }

  /** While one piece is being written, what comes meanwhile gathers for the next. */
  async #writeAll(whole?: () => Uint8Array): Promise<void> {
    for (;;) {
      const acknowledged = this.#waiting.filter(({ edit }) => edit <= this.#saved)
      if (acknowledged.length > 0) {
        await this.#vault.acknowledge(acknowledged.map(({ piece }) => piece))
        this.#waiting = this.#waiting.filter((each) => !acknowledged.includes(each))
      }
      const [first] = this.#jobs
      if (first === undefined) {
        if (this.#waiting.every(({ edit }) => edit > this.#saved)) break
        continue
      }
      const own = first.edit !== null
      const different = this.#jobs.findIndex(({ edit }) => (edit !== null) !== own)
      const jobs = this.#jobs.slice(0, Math.min(AT_ONCE, different === -1 ? this.#jobs.length : different))
      const update = jobs.length === 1 ? first.update : Y.mergeUpdates(jobs.map((job) => job.update))
      const piece = await this.#vault.append(this.#document, update, own ? jobs.length : 0)
      this.#jobs = this.#jobs.slice(jobs.length)
      this.#pieces.push(piece)
      const edit = jobs[jobs.length - 1]?.edit ?? null
      if (edit !== null) this.#waiting.push({ edit, piece })
      for (const job of jobs) job.kept(piece)
    }
    if (whole !== undefined && this.#waiting.length === 0) {
      const pieces = this.#pieces
      const merged = await this.#vault.merge(this.#document, pieces, whole())
      if (merged !== null) this.#pieces = [merged]
      else this.#pieces = (await this.#vault.pieces(this.#document)).map(({ id }) => id)
    }
  }
}
