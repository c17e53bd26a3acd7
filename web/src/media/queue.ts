/**
 * All files that this page sends, whichever case they are for: named one after the other, announced together, sent in three
 * lanes. It lives as long as the page does, and a person stays signed in.
 */
import type { Begun, ToBegin } from './api'
import { Courier } from './courier'
import { hash } from './digest'
import { Lanes } from './lanes'
import { type Doors, Gone, Sending, type Stage, Stopped, type Why } from './sending'

/** Three parts of 8 MiB fill any link that a clinic has, and leave a store its breath. */
const LANES = 3
/** What one request may announce. */
const MOST_AT_ONCE = 100
const MOST_BEGINNINGS = 4

interface Beginning {
  readonly item: Sending
  readonly file: ToBegin
  readonly answer: (begun: Begun) => void
  readonly fail: (error: unknown) => void
}

export class UploadQueue {
  items: readonly Sending[] = []
  readonly #doors: Doors
  readonly #person: string
  readonly #hashing = new Lanes(1)
  readonly #courier: Courier
  #order = 0
  #batch = 0
  #beginnings: Beginning[] = []
  #isBeginning = false
  #waitingForSignIn = new Set<() => void>()

  constructor(person: string, doors: Doors) {
    this.#person = person
    this.#doors = doors
    this.#courier = new Courier(doors, new Lanes(LANES), (stop) => this.#whenSignedIn(stop))
  }

  /** `expected`: digests of which each file has to have one, where certain files were asked for. */
  add(caseId: string, files: readonly File[], expected: ReadonlySet<string> | null = null): void {
    this.#batch += 1
    const added = files.map((file) => new Sending((this.#order += 1), caseId, file, this.#batch, expected))
    this.items = [...this.items, ...added]
    for (const item of added) void this.#run(item)
    this.#doors.changed()
  }

  /** Said without sending a byte, since this page can see that it would not be taken. */
  addRefused(caseId: string, refused: readonly { readonly file: File; readonly why: Why }[]): void {
    this.#batch += 1
    const added = refused.map(({ file, why }) => {
      const item = new Sending((this.#order += 1), caseId, file, this.#batch, null)
      item.stage = { at: 'stopped', why }
      return item
    })
    this.items = [...this.items, ...added]
    this.#doors.changed()
  }

  pause(item: Sending): void {
    if (!item.isUnderWay && item.stage.at !== 'elsewhere') return
    item.stop.abort()
    item.hold = null
    this.#becomes(item, { at: 'paused' })
  }

  /** From where it was: parts that the store has are not sent again. */
  resume(item: Sending): void {
    if (item.stage.at !== 'paused' && item.stage.at !== 'stopped') return
    item.stop = new AbortController()
    item.expected = null
    if (item.stage.at === 'stopped') item.hashed = null // the file may be another one by now
    this.#becomes(item, { at: 'waiting' })
    void this.#run(item)
  }

  /** What has come so far goes from the store. */
  cancel(item: Sending): void {
    item.isCancelled = true
    item.stop.abort()
    const { upload, stage } = item
    if (upload !== null && stage.at !== 'arrived') void this.#drop(item.caseId, upload)
    this.putAway(item)
  }

  /** It has been seen; nothing happens to what the server has. */
  putAway(item: Sending): void {
    this.items = this.items.filter((each) => each !== item)
    this.#doors.changed()
  }

  /** The server's own list shows these now. */
  seen(uploads: ReadonlySet<string>): void {
    const left = this.items.filter((item) => item.stage.at !== 'arrived' || item.upload === null || !uploads.has(item.upload))
    if (left.length === this.items.length) return
    this.items = left
    this.#doors.changed()
  }

  /** The same person is signed in again. */
  signedIn(): void {
    for (const go of this.#waitingForSignIn) go()
    this.#waitingForSignIn.clear()
  }

  /** Nothing goes on; what is in the store waits for its sender there. */
  end(): void {
    for (const item of this.items) item.stop.abort()
    this.items = []
    this.#doors.changed()
  }

  async #run(item: Sending): Promise<void> {
    const { stop } = item
    try {
      item.hashed ??= await this.#hash(item)
      const { digest } = item.hashed
      if (item.expected !== null && !item.expected.has(digest)) throw new Stopped({ kind: 'another-file' })
      const name = `consilium upload ${this.#person} ${item.caseId} ${digest}`
      await this.#doors.alone(name, stop.signal, () => this.#becomes(item, { at: 'elsewhere' }), () => this.#carry(item, digest))
    } catch (error) {
      if (stop.signal.aborted) return // whoever stopped it said what it is now
      item.hold = null
      this.#becomes(item, { at: 'stopped', why: error instanceof Stopped ? error.why : { kind: 'unreadable' } })
    }
  }

  async #hash(item: Sending): Promise<NonNullable<Sending['hashed']>> {
    const leave = await this.#hashing.enter(item.order, item.stop.signal)
    try {
      this.#becomes(item, { at: 'hashing' })
      return await hash(
        item.file,
        (bytes) => {
          item.hashedBytes = bytes
          this.#doors.changed()
        },
        item.stop.signal,
      )
    } finally {
      leave()
    }
  }

  async #carry(item: Sending, digest: string): Promise<void> {
    for (let beginnings = 1; ; beginnings += 1) {
      const begun = await this.#begin(item, { name: item.file.name, size: item.file.size, digest })
      if (begun.outcome === 'duplicate') return this.#becomes(item, { at: 'duplicate', media: begun.media })
      if (begun.outcome === 'refused') throw new Stopped(whyRefused(begun.reason, begun.limitBytes))
      item.upload = begun.upload.id
      try {
        if (['requested', 'uploading'].includes(begun.upload.state) && item.hashed !== null) {
          await this.#courier.bring(item, begun.upload, item.hashed)
        }
        this.#becomes(item, { at: 'arrived' })
        this.#doors.arrived(item.caseId)
        return
      } catch (error) {
        if (!(error instanceof Gone)) throw error
        if (beginnings >= MOST_BEGINNINGS) throw new Stopped({ kind: 'store-refused' })
      }
    }
  }

  /** Together with all others that are ready: a series of 200 files is two requests. */
  #begin(item: Sending, file: ToBegin): Promise<Begun> {
    return new Promise((resolve, reject) => {
      const leave = (): void => reject(item.stop.signal.reason as Error)
      item.stop.signal.addEventListener('abort', leave, { once: true })
      const answer = (begun: Begun): void => {
        item.stop.signal.removeEventListener('abort', leave)
        resolve(begun)
      }
      this.#beginnings.push({ item, file, answer, fail: reject })
      if (!this.#isBeginning) void this.#beginAll()
    })
  }

  async #beginAll(): Promise<void> {
    this.#isBeginning = true
    await Promise.resolve() // others may be ready in this very turn
    for (;;) {
      this.#beginnings = this.#beginnings.filter(({ item }) => !item.stop.signal.aborted)
      const [first] = this.#beginnings
      if (first === undefined) break
      const together = this.#beginnings.filter(({ item }) => item.caseId === first.item.caseId).slice(0, MOST_AT_ONCE)
      this.#beginnings = this.#beginnings.filter((each) => !together.includes(each))
      await this.#beginTogether(first.item, together)
    }
    this.#isBeginning = false
  }

  /** The first of them waits for all: if it is given up, the others begin anew. */
  async #beginTogether(first: Sending, together: readonly Beginning[]): Promise<void> {
    try {
      const begun = await this.#courier.ask(first, (stop) => this.#doors.begin(first.caseId, together.map(({ file }) => file), stop))
      together.forEach(({ item, answer, fail }, at) => {
        const own = begun[at]
        if (own === undefined) fail(new Stopped({ kind: 'store-refused' }))
        else if (item.isCancelled && own.outcome === 'begun') void this.#drop(item.caseId, own.upload.id)
        else answer(own)
      })
    } catch (error) {
      if (first.stop.signal.aborted) this.#beginnings.unshift(...together.filter(({ item }) => item !== first))
      else for (const { fail } of together) fail(error)
    }
  }

  /** What cannot be told now is swept by the server later. */
  async #drop(caseId: string, upload: string): Promise<void> {
    await this.#doors.drop(caseId, upload)
    this.#doors.arrived(caseId)
  }

  #whenSignedIn(stop: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waitingForSignIn.add(resolve)
      stop.addEventListener('abort', () => reject(stop.reason as Error), { once: true })
    })
  }

  #becomes(item: Sending, stage: Stage): void {
    item.stage = stage
    this.#doors.changed()
  }
}

function whyRefused(reason: string, limitBytes: number | null): Why {
  return reason === 'too-large' ? { kind: 'too-large', limitBytes } : { kind: 'refused', reason, limitBytes, title: null }
}
