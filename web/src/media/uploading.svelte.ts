/** What this page sends, as reactive state: above the pages of the application, so that moving between them stops nothing. */
import { browserDoors } from './doors'
import { sentBytes } from './courier'
import { keptOrigins } from './keptOrigins.svelte'
import { foreignOf } from './sniffing'
import type { Gathered } from './gather'
import { Pace } from './pace'
import { UploadQueue } from './queue'
import type { Sending, Why } from './sending'

/** How often a changed number is shown: more is not read. */
const SHOWN_MS = 250

export interface Overall {
  readonly files: number
  readonly bytes: number
  readonly sent: number
  /** Bytes a second; null: nobody can say yet. */
  readonly speed: number | null
  readonly seconds: number | null
}

class Uploading {
  /** Changes when anything about a file does. */
  #turn = $state(0)
  #queue: UploadQueue | null = null
  #person: string | null = null
  readonly #pace = new Pace()
  #timer: ReturnType<typeof setTimeout> | null = null
  /** Who wants to know that the server has something new of a case. */
  readonly #listeners = new Map<string, Set<() => void>>()

  /** Who is here, as often as it is learned: whatever waits for a sign-in goes on. */
  meet(person: string): void {
    if (person === this.#person) return this.#queue?.signedIn()
    this.#stop()
    this.#person = person
    keptOrigins.meet(person)
    this.#queue = new UploadQueue(
      person,
      browserDoors({
        changed: () => this.#changed(),
        went: (bytes) => this.#pace.went(bytes, performance.now()),
        arrived: (caseId) => {
          for (const tell of this.#listeners.get(caseId) ?? []) tell()
        },
      }),
    )
  }

  /** Nobody is here any more. */
  end(): void {
    this.#stop()
    keptOrigins.clear()
  }

  #stop(): void {
    this.#queue?.end()
    this.#queue = null
    this.#person = null
    this.#pace.forget()
  }

  /** Files that this page sends or sent, in the order in which they were chosen; reactive. */
  all(): readonly Sending[] {
    void this.#turn
    return this.#queue?.items ?? []
  }

  of(caseId: string): readonly Sending[] {
    return this.all().filter((item) => item.caseId === caseId)
  }

  /** Whether something is lost or stops when this page goes away. */
  get isUnderWay(): boolean {
    return this.all().some((item) => item.isUnderWay)
  }

  /** Of files that are under way or paused. */
  overall(items: readonly Sending[]): Overall {
    void this.#turn
    const moving = items.filter((item) => item.isUnderWay || item.stage.at === 'paused')
    const bytes = moving.reduce((sum, { file }) => sum + file.size, 0)
    const sent = moving.reduce((sum, item) => sum + sentBytes(item), 0)
    const now = performance.now()
    return { files: moving.length, bytes, sent, speed: this.#pace.speed(now), seconds: this.#pace.secondsFor(bytes - sent, now) }
  }

  /** What surely is not taken says so at once; of a folder it is left out like what a CD has beside its pictures. */
  async add(caseId: string, { files }: Gathered, isFolder: boolean, expected: ReadonlySet<string> | null = null): Promise<number> {
    const queue = this.#queue
    if (queue === null) return 0
    const looked = await Promise.all(files.map(async (file) => ({ file, foreign: await foreignOf(file).catch(() => null) })))
    const good = looked.filter(({ foreign }) => foreign === null).map(({ file }) => file)
    const refused = looked.flatMap(({ file, foreign }) => (foreign === null ? [] : [{ file, why: foreignWhy(foreign) }]))
    if (good.length > 0) queue.add(caseId, good, expected)
    if (refused.length > 0 && !isFolder) queue.addRefused(caseId, refused)
    return isFolder ? refused.length : 0
  }

  pause(items: readonly Sending[]): void {
    for (const item of items) this.#queue?.pause(item)
    this.#pace.forget()
  }

  resume(items: readonly Sending[]): void {
    for (const item of items) this.#queue?.resume(item)
  }

  cancel(items: readonly Sending[]): void {
    for (const item of items) this.#queue?.cancel(item)
  }

  putAway(items: readonly Sending[]): void {
    for (const item of items) this.#queue?.putAway(item)
  }

  seen(uploads: ReadonlySet<string>): void {
    this.#queue?.seen(uploads)
  }

  listen(caseId: string, tell: () => void): () => void {
    const listeners = this.#listeners.get(caseId) ?? new Set()
    this.#listeners.set(caseId, listeners.add(tell))
    return () => listeners.delete(tell)
  }

  #changed(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      this.#turn += 1
      if (this.#queue !== null) keptOrigins.follow(this.#queue.items)
    }, SHOWN_MS)
  }
}

function foreignWhy(foreign: string): Why {
  return { kind: 'refused', reason: foreign, limitBytes: null, title: null }
}

export const uploading = new Uploading()
