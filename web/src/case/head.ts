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

/** What has been written that a person would miss: shown when the server did not take it. */
export function headText(map: Y.Map<unknown>): string {
  const { line: summary, question, nextAction } = readHead(map)
  return [summary, question, nextAction].filter((text) => text.trim() !== '').join('\n')
}
