/**
 * The head of a case: who the patient is in two words, what is asked, what happens next. A Y.Map `head` in the record, plain
 * texts, each written whole. What other clients may have put there is read with suspicion: anything unknown is "not said yet".
 */
import * as Y from 'yjs'
import { AGE_BANDS, type AgeBand, day, type Field, FIELDS, line, MAX_LENGTH, type Sex, SEXES } from './headFields'

export { AGE_BANDS, type AgeBand, day, type Field, FIELDS, line, MAX_LENGTH, type Sex, SEXES }

/** Every field; empty or null is "not said yet". */
export interface Head {
  readonly ageBand: AgeBand | null
  readonly sex: Sex | null
  /** The question for the room. */
  readonly question: string
  /** The patient and the problem in one line. */
  readonly line: string
  readonly nextAction: string
  /** A person's id. */
  readonly nextOwner: string | null
  /** `YYYY-MM-DD` */
  readonly nextDue: string | null
}

export const NOTHING_SAID: Head = { ageBand: null, sex: null, question: '', line: '', nextAction: '', nextOwner: null, nextDue: null }

const PERSON_ID = /^[a-z2-7]{16}$/

export function mapOf(doc: Y.Doc): Y.Map<unknown> {
  return doc.getMap('head')
}

export function readHead(map: Y.Map<unknown>): Head {
  const word = <T extends string>(field: Field, words: readonly T[]): T | null =>
    words.find((candidate) => candidate === map.get(field)) ?? null
  return {
    ageBand: word('ageBand', AGE_BANDS),
    sex: word('sex', SEXES),
    question: line(map.get('question')),
    line: line(map.get('line')),
    nextAction: line(map.get('nextAction')),
    nextOwner: matching(map.get('nextOwner'), PERSON_ID),
    nextDue: day(map.get('nextDue')),
  }
}

function matching(value: unknown, pattern: RegExp): string | null {
  return typeof value === 'string' && pattern.test(value) ? value : null
}

/** Writes of one tab, and taking them back: another person's writing is never undone, and what they wrote over stays. */
export class HeadWriter {
  readonly #map: Y.Map<unknown>
  readonly #undo: Y.UndoManager

  /** `changed` is called when there is more or less to take back. */
  constructor(doc: Y.Doc, changed: () => void = () => undefined) {
    this.#map = mapOf(doc)
    this.#undo = new Y.UndoManager(this.#map, { trackedOrigins: new Set([this]) })
    this.#undo.on('stack-item-added', changed)
    this.#undo.on('stack-item-popped', changed)
  }

  get canUndo(): boolean {
    return this.#undo.undoStack.length > 0
  }

  get canRedo(): boolean {
    return this.#undo.redoStack.length > 0
  }

  /** Put `value` into a field; nothing takes it away. Text that was there already is not written again. */
  write(field: Field, value: string): void {
    const written = line(value)
    if (written === (this.#map.get(field) ?? '')) return
    this.#map.doc?.transact(() => {
      if (written === '') this.#map.delete(field)
      else this.#map.set(field, written)
    }, this)
  }

  /** Between two fields, or after a pause: what comes next is taken back on its own. */
  pause(): void {
    this.#undo.stopCapturing()
  }

  undo(): boolean {
    return this.#undo.undo() !== null
  }

  redo(): boolean {
    return this.#undo.redo() !== null
  }

  close(): void {
    this.#undo.destroy()
  }
}

/** What has been written that a person would miss: shown when the server did not take it. */
export function headText(map: Y.Map<unknown>): string {
  const { line: summary, question, nextAction } = readHead(map)
  return [summary, question, nextAction].filter((text) => text.trim() !== '').join('\n')
}

/** Where a caret goes when another person's text takes the place of what it stood in. */
export function carry(caret: number, before: string, after: string): number {
  let same = 0
  while (same < before.length && same < after.length && before[same] === after[same]) same += 1
  if (caret <= same) return caret
  let tail = 0
  const most = Math.min(before.length, after.length) - same
  while (tail < most && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1
  const fromEnd = before.length - caret
  return fromEnd <= tail ? after.length - fromEnd : after.length - tail
}
