/**
 * Brings one file to the store: parts in a few lanes, each signed shortly before it goes. What passes (no network, a full
 * server, an address that is too old) is waited for and tried again; what does not pass stops the file with its reason.
 */
import type { Answer, Problem } from '../api'
import type { SignedPart, Upload } from './api'
import { type Hashed, partOf, partSize, partsOf } from './digest'
import type { Lanes } from './lanes'
import type { PutOutcome } from './put'
import { type Doors, Gone, type Hold, type Sending, Stopped } from './sending'
import { backOff } from './waiting'

/** An answer of our server comes within this; putting a large file together takes the store a while. */
const PATIENCE_MS = 60_000
/** Signed at once: enough for some seconds of the fastest link. */
const SIGNED_AHEAD = 16
/** An address is used until so long before its end: the part itself has to get there. */
const MARGIN_MS = 20_000
const SHORTEST_LIFE_MS = 60_000
const LONGEST_LIFE_MS = 3_600_000
/** A store that refuses a fresh address so often means it. */
const MOST_REFUSALS = 3
/** Words of S3 for "these are not the bytes that were signed". */
const NOT_THE_BYTES = new Set(['BadDigest', 'XAmzContentSHA256Mismatch', 'XAmzContentChecksumMismatch', 'InvalidDigest', 'IncompleteBody'])

export class Courier {
  readonly #doors: Doors
  readonly #lanes: Lanes
  readonly #signedIn: (stop: AbortSignal) => Promise<void>

  constructor(doors: Doors, lanes: Lanes, signedIn: (stop: AbortSignal) => Promise<void>) {
    this.#doors = doors
    this.#lanes = lanes
    this.#signedIn = signedIn
  }

  /** All parts that are missing, then the word that this is all. Throws `Stopped`, `Gone`, or what it was given up with. */
  async bring(item: Sending, upload: Upload, hashed: Hashed): Promise<void> {
    item.upload = upload.id
    item.partsDone = new Set(upload.partsDone)
    this.#becomes(item, 'sending')
    await new Parts(item, hashed, this.#doors, this.#lanes, this).send()
    this.#becomes(item, 'finishing')
    await this.ask(item, (stop) => this.#doors.complete(item.caseId, upload.id, stop), isUnfinished)
  }

  /** Asks until there is an answer that will not be another one later. `isGone`: such a refusal means to begin again. */
  async ask<T>(item: Sending, call: (stop: AbortSignal) => Promise<Answer<T>>, isGone: (problem: Problem) => boolean = () => false): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      await this.online(item)
      const answer = await call(AbortSignal.any([item.stop.signal, AbortSignal.timeout(PATIENCE_MS)]))
      item.stop.signal.throwIfAborted()
      if (answer.ok) {
        this.held(item, null)
        return answer.value
      }
      if (isGone(answer.problem)) throw new Gone()
      await this.#consider(item, answer.problem, tries)
    }
  }

  async #consider(item: Sending, problem: Problem, tries: number): Promise<void> {
    switch (problem.kind) {
      case 'signed-out':
        this.held(item, 'signed-out')
        return this.#signedIn(item.stop.signal)
      case 'too-many':
        return this.later(item, 'busy', tries, (problem.retryAfterSeconds ?? 0) * 1000)
      case 'failed':
        return this.later(item, 'store', tries)
      case 'unreachable':
        return this.later(item, this.#doors.isOnline() ? 'unreachable' : 'offline', tries)
      case 'not-found':
        throw new Stopped({ kind: 'no-access' })
      case 'refused':
        throw new Stopped({ kind: 'refused', reason: problem.reason, limitBytes: null, title: problem.title })
    }
  }

  async online(item: Sending): Promise<void> {
    item.stop.signal.throwIfAborted()
    if (this.#doors.isOnline()) return
    this.held(item, 'offline')
    await this.#doors.whenOnline(item.stop.signal)
  }

  /** Waits, and longer each time. */
  async later(item: Sending, hold: Hold, tries: number, leastMs = 0): Promise<void> {
    this.held(item, hold)
    await this.#doors.wait(Math.max(leastMs, backOff(tries, this.#doors.random())), item.stop.signal)
  }

  held(item: Sending, hold: Hold | null): void {
    if (item.hold === hold) return
    item.hold = hold
    this.#doors.changed()
  }

  #becomes(item: Sending, at: 'sending' | 'finishing'): void {
    item.stage = { at }
    this.#doors.changed()
  }
}

/** Parts are missing, or it is not known any more: both are found out by beginning again. */
function isUnfinished(problem: Problem): boolean {
  return problem.kind === 'not-found' || (problem.kind === 'refused' && (problem.reason === 'parts-missing' || problem.reason === 'conflict'))
}

interface Kept extends SignedPart {
  /** By the clock that never jumps: that of the wall may be wrong by hours. */
  readonly until: number
}

/** The parts of one file that are not there yet. */
class Parts {
  readonly #signed = new Map<number, Kept>()
  #signing: Promise<void> = Promise.resolve()
  readonly #missing: readonly number[]

  constructor(
    private readonly item: Sending,
    private readonly hashed: Hashed,
    private readonly doors: Doors,
    private readonly lanes: Lanes,
    private readonly courier: Courier,
  ) {
    this.#missing = Array.from({ length: partsOf(item.file.size) }, (_, at) => at + 1).filter((part) => !item.partsDone.has(part))
  }

  async send(): Promise<void> {
    const { item } = this
    const flights = new Set<Promise<void>>()
    const failures: unknown[] = []
    try {
      for (const part of this.#missing) {
        const leave = await this.lanes.enter(item.order, item.stop.signal)
        if (failures.length > 0) {
          leave()
          break
        }
        const flight: Promise<void> = this.#bring(part)
          .catch((error: unknown) => void failures.push(error))
          .finally(() => {
            leave()
            item.onTheLine.delete(part)
            flights.delete(flight)
          })
        flights.add(flight)
      }
    } finally {
      await Promise.all(flights)
    }
    if (failures.length > 0) throw failures[0]
  }

  async #bring(part: number): Promise<void> {
    const { item, doors, courier } = this
    const body = partOf(item.file, part)
    let refusals = 0
    for (let tries = 1; ; tries += 1) {
      await courier.online(item)
      const { url, headers } = await this.#address(part)
      let gone = 0
      const heard = (bytes: number): void => {
        doors.went(Math.max(0, bytes - gone))
        gone = bytes
        item.onTheLine.set(part, bytes)
        doors.changed()
      }
      const outcome = await doors.put({ url, headers, body, heard, stop: item.stop.signal })
      if (outcome.kind === 'sent') {
        heard(body.size)
        item.onTheLine.delete(part)
        item.partsDone = new Set([...item.partsDone, part])
        courier.held(item, null)
        return
      }
      item.onTheLine.delete(part)
      if (outcome.kind === 'unreachable') {
        await stillReads(body)
        await courier.later(item, doors.isOnline() ? 'unreachable' : 'offline', tries)
      } else if (judge(outcome) === 'sign-again') {
        refusals += 1
        if (refusals > MOST_REFUSALS) throw new Stopped({ kind: 'store-refused' })
        this.#signed.clear()
      } else await courier.later(item, 'store', tries)
    }
  }

  async #address(part: number): Promise<SignedPart> {
    for (;;) {
      const kept = this.#signed.get(part)
      if (kept !== undefined && kept.until > this.doors.now()) return kept
      this.#signing = this.#signing.then(() => this.#sign(part))
      await this.#signing
    }
  }

  async #sign(first: number): Promise<void> {
    const { item, hashed, doors, courier } = this
    const now = doors.now()
    if ((this.#signed.get(first)?.until ?? 0) > now) return // another part of the file had it signed too
    const wanted = this.#missing
      .filter((part) => part >= first && (this.#signed.get(part)?.until ?? 0) <= now && !item.partsDone.has(part))
      .slice(0, SIGNED_AHEAD)
      .map((part) => ({ number: part, sha256: hashed.parts[part - 1] ?? '' }))
    const upload = item.upload ?? ''
    const signed = await courier.ask(item, (stop) => doors.sign(item.caseId, upload, wanted, stop), isUnfinished)
    for (const each of signed) {
      const life = Math.min(LONGEST_LIFE_MS, Math.max(SHORTEST_LIFE_MS, each.expiresAt - doors.wall()))
      this.#signed.set(each.number, { ...each, until: doors.now() + life - MARGIN_MS })
    }
    if (!this.#signed.has(first)) throw new Gone()
  }
}

/** What a refusal of the store means. Throws where another try of the same would not help. */
function judge({ status, code }: Extract<PutOutcome, { kind: 'refused' }>): 'sign-again' | 'later' {
  if (NOT_THE_BYTES.has(code)) throw new Stopped({ kind: 'changed' })
  if (status === 413 || code === 'EntityTooLarge') throw new Stopped({ kind: 'too-large', limitBytes: null })
  if (status === 404 || status === 409 || status === 412) throw new Gone()
  if (status === 403 || status === 401) return 'sign-again'
  if (status === 429 || status === 408 || status >= 500) return 'later'
  throw new Stopped({ kind: 'store-refused' })
}

/** A browser says of a file that was moved or changed only that there was no network. Throws `Stopped`. */
async function stillReads(body: Blob): Promise<void> {
  try {
    await body.slice(0, 1).arrayBuffer()
  } catch {
    throw new Stopped({ kind: 'unreadable' })
  }
}

/** Bytes that the store has or that are on the line. */
export function sentBytes(item: Sending): number {
  let sum = 0
  for (const part of item.partsDone) sum += partSize(item.file.size, part)
  for (const bytes of item.onTheLine.values()) sum += bytes
  return Math.min(sum, item.file.size)
}
