/**
 * One tab's writing in the head. A field is one plain text, the last write of which counts; so what two people write into one
 * at once is brought together here, and undo works on the words and not on the writes.
 */
import * as Y from 'yjs'
import { mapOf } from './head'
import { type Field, line } from './headFields'
import { following, inverse, type Splice, spliced, spliceOf } from './splice'

interface Change {
  /** Changes with the same number are taken back together. */
  readonly turn: number
  readonly field: Field
  readonly before: string
  readonly after: string
}

/** A write of ours, and the one that it was made on. */
interface Write {
  readonly field: Field
  readonly before: string
  readonly after: string
  readonly on: Y.ID | null
}

const TEXTS: readonly Field[] = ['question', 'line', 'nextAction']
/** Letters that follow each other sooner than this are taken back together. */
const PAUSE_MS = 500
const MOST_CHANGES = 200
const MOST_STEPS = 1000

export class HeadWriter {
  readonly #map: Y.Map<unknown>
  readonly #changed: () => void
  readonly #mayWrite: () => boolean
  readonly #now: () => number
  #done: Change[] = []
  #undone: Change[] = []
  #wroteAt = -Infinity
  #turn = 0
  /** What we wrote and others may not have seen when they wrote: oldest first. */
  #writes: Write[] = []

  /** `changed` is called when there is more or less to take back. */
  constructor(doc: Y.Doc, changed = (): void => undefined, mayWrite = (): boolean => true, now = (): number => performance.now()) {
    this.#map = mapOf(doc)
    this.#changed = changed
    this.#mayWrite = mayWrite
    this.#now = now
    this.#map.observe(this.#arrived)
  }

  get canUndo(): boolean {
    return this.#done.length > 0
  }

  get canRedo(): boolean {
    return this.#undone.length > 0
  }

  /** Put `value` into a field; nothing takes it away. Text that was there already is not written again. */
  write(field: Field, value: string): void {
    const [before, after] = [this.#value(field), line(value)]
    if (before === after) return
    this.#put(field, after)
    const now = this.#now()
    const last = this.#done.at(-1)
    const goesOn = last?.field === field && now - this.#wroteAt < PAUSE_MS
    if (!goesOn) this.#turn += 1
    // Unless somebody else wrote in between, one change says what several letters did.
    const whole = goesOn && last.after === before
    if (whole) this.#done.pop()
    this.#done = [...this.#done, { turn: this.#turn, field, before: whole ? last.before : before, after }].slice(-MOST_CHANGES)
    this.#undone = []
    this.#wroteAt = now
    this.#changed()
  }

  /** Between two fields, or after a pause: what comes next is taken back on its own. */
  pause(): void {
    this.#wroteAt = -Infinity
  }

  /** Whether there was something to take back: another person's writing is not, and what they wrote over stays. */
  undo(): boolean {
    return this.#revert(this.#done, this.#undone)
  }

  redo(): boolean {
    return this.#revert(this.#undone, this.#done)
  }

  close(): void {
    this.#map.unobserve(this.#arrived)
  }

  #value(field: Field): string {
    return line(this.#map.get(field))
  }

  #put(field: Field, value: string): void {
    const before = this.#value(field)
    const on = this.#map._map.get(field)?.lastId ?? null
    this.#map.doc?.transact(() => {
      if (value === '') this.#map.delete(field)
      else this.#map.set(field, value)
    }, this)
    if (value !== '' && TEXTS.includes(field)) this.#writes = [...this.#writes, { field, before, after: value, on }].slice(-MOST_CHANGES)
  }

  #revert(from: Change[], to: Change[]): boolean {
    this.pause()
    let turn: number | null = null
    while (turn === null || from.at(-1)?.turn === turn) {
      const change = from.pop()
      if (change === undefined) break
      const { field } = change
      const before = this.#value(field)
      const after = reverted(change, before)
      if (after === null || after === before) continue
      this.#put(field, after)
      to.push({ turn: change.turn, field, before, after })
      turn = change.turn
    }
    this.#changed()
    return turn !== null
  }

  /** Somebody else's write stands now: if it was made without knowing of ours, ours is made once more, on top of theirs. */
  readonly #arrived = ({ keysChanged }: Y.YMapEvent<unknown>, { local }: Y.Transaction): void => {
    if (local || !this.#mayWrite()) return
    for (const field of TEXTS) {
      if (!keysChanged.has(field)) continue
      const lost = this.#lost(field)
      const value = lost === null ? null : spliced(this.#value(field), lost)
      if (value === null || value === this.#value(field)) continue
      this.#writes = this.#writes.filter((write) => write.field !== field)
      queueMicrotask(() => this.#put(field, value)) // not while the write that we answer is being told to others
    }
  }

  /** What we wrote on the text that the other's write was made on, as it is to be made on theirs. */
  #lost(field: Field): Splice | null {
    const standing = this.#map._map.get(field)
    const { store, clientID } = this.#map.doc ?? {}
    const writes = this.#writes.filter((write) => write.field === field)
    const mine = writes.at(-1)
    if (standing === undefined || standing.deleted || store === undefined || mine === undefined) return null
    if (standing.id.client === clientID) return null // ours stands; they make theirs once more
    let { origin } = standing
    for (let step = 0; step < MOST_STEPS; step++) {
      if (origin === null) break
      const under = Y.getItem(store, origin)
      const { client, clock } = origin
      // Neighbours are merged into one: all that lies before `origin` in it they had seen; of ours, only that one is asked about.
      const from = client === clientID ? clock : under.id.clock
      const met = writes.findLast(({ on }) => on !== null && on.client === client && on.clock >= from && on.clock <= clock)
      if (met !== undefined) return following(spliceOf(met.before, mine.after), spliceOf(met.before, this.#value(field)))
      if (client === clientID || !(under instanceof Y.Item)) return null
      origin = under.origin
    }
    const first = origin === null ? writes.find(({ on }) => on === null) : undefined
    return first === undefined ? null : following(spliceOf(first.before, mine.after), spliceOf(first.before, this.#value(field)))
  }
}

/** The field without the change, whatever others have made of it since; null where they changed the same words. */
function reverted({ field, before, after }: Change, now: string): string | null {
  if (now === after) return before
  if (!TEXTS.includes(field)) return null
  const back = following(inverse(spliceOf(before, after)), spliceOf(after, now))
  return back === null ? null : spliced(now, back)
}
