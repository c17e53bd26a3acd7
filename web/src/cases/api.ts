/** What the server tells of cases that are not open: their lists, what is found in them, and how one begins. */
import { type Answer, ask, type Person } from '../api'
import { AGE_BANDS, type AgeBand, type Sex, SEXES } from '../case/headFields'
import { type Fields, fields, list, number, oneOf, optionalText, text } from '../parse'
import { type CaseState, ROLES, type Role, STATES } from '../words'

export const TABS = ['mine', 'act', 'all'] as const
export type Tab = (typeof TABS)[number]

/** Somebody who has the case open now, as others in it see them. */
export interface Present extends Person {
  readonly color: string
}

/** What is to be done next, as the record says. */
export interface NextStep {
  readonly action: string | null
  readonly owner: Person | null
  /** `YYYY-MM-DD` */
  readonly due: string | null
  readonly isMine: boolean
}

export interface CaseLine {
  readonly id: string
  readonly title: string
  readonly state: CaseState
  /** Of the reader. */
  readonly role: Role
  readonly leads: readonly Person[]
  readonly createdAt: number
  /** Milliseconds since 1970. */
  readonly changedAt: number
  readonly changedBy: Person | null
  /** The patient and the problem in one line. */
  readonly line: string | null
  readonly question: string | null
  readonly ageBand: AgeBand | null
  readonly sex: Sex | null
  readonly next: NextStep | null
  readonly isMentioned: boolean
  readonly here: readonly Present[]
}

export type Totals = Readonly<Record<Tab, number>>

export interface CasePage {
  readonly cases: readonly CaseLine[]
  /** Where the next page begins; none: this was the last. */
  readonly after: string | null
  /** How many cases each list has, before any filter; with the first page. */
  readonly totals: Totals | null
  /** Who leads the cases that may be seen; with the first page. */
  readonly leads: readonly Person[] | null
}

export interface Piece {
  readonly text: string
  readonly isHit: boolean
}

/** A passage in which something was found: in the title, in a field of the head, or in a section. */
export interface FoundAt {
  readonly where: string
  readonly pieces: readonly Piece[]
}

export interface Hit {
  readonly case: CaseLine
  readonly found: readonly FoundAt[]
}

export interface HitPage {
  readonly hits: readonly Hit[]
  readonly isLast: boolean
}

export interface NewCase {
  readonly title: string
  /** A template's id; none: a blank record. */
  readonly template: string | null
  readonly draft: boolean
}

/** `query` as `listQuery.ts` spells it. */
export const listCases = (query: string): Promise<Answer<CasePage>> => ask('GET', `/api/cases?${query}`, null, casePage)

/** In the body: an address would be kept by browsers and proxies. */
export const searchCases = (
  question: string,
  states: readonly CaseState[],
  page: number,
  stop: AbortSignal,
): Promise<Answer<HitPage>> => ask('POST', '/api/search', { question, states, page }, hitPage, stop)

/** The new case's id. */
export const createCase = (wanted: NewCase): Promise<Answer<string>> =>
  ask('POST', '/api/cases', wanted, (body) => text(fields(body.get('case')), 'id'))

function casePage(body: Fields): CasePage {
  const totals = optionalFields(body, 'totals')
  return {
    cases: list(body, 'cases', caseLine),
    after: optionalText(body, 'after'),
    totals: totals && { mine: number(totals, 'mine'), act: number(totals, 'act'), all: number(totals, 'all') },
    leads: body.get('leads') === null ? null : list(body, 'leads', someone),
  }
}

function hitPage(body: Fields): HitPage {
  const hits = list(body, 'hits', (value) => {
    const from = fields(value)
    return { case: caseLine(from.get('case')), found: list(from, 'found', foundAt) }
  })
  return { hits, isLast: body.get('is_last') === true }
}

function foundAt(value: unknown): FoundAt {
  const from = fields(value)
  const pieces = list(from, 'pieces', (piece) => ({ text: text(fields(piece), 'text'), isHit: fields(piece).get('is_hit') === true }))
  return { where: text(from, 'where'), pieces }
}

function caseLine(value: unknown): CaseLine {
  const from = fields(value)
  const next = optionalFields(from, 'next')
  return {
    id: text(from, 'id'),
    title: text(from, 'title'),
    state: oneOf(from, 'state', STATES),
    role: oneOf(from, 'role', ROLES),
    leads: list(from, 'leads', someone),
    createdAt: number(from, 'created_at'),
    changedAt: number(from, 'changed_at'),
    changedBy: optionalPerson(from, 'changed_by'),
    line: optionalText(from, 'line'),
    question: optionalText(from, 'question'),
    // A word of another release is not said here.
    ageBand: AGE_BANDS.find((each) => each === from.get('age_band')) ?? null,
    sex: SEXES.find((each) => each === from.get('sex')) ?? null,
    next: next && {
      action: optionalText(next, 'action'),
      owner: optionalPerson(next, 'owner'),
      due: optionalText(next, 'due'),
      isMine: next.get('is_mine') === true,
    },
    isMentioned: from.get('is_mentioned') === true,
    here: list(from, 'here', (each) => ({ ...someone(each), color: text(fields(each), 'color') })),
  }
}

function someone(value: unknown): Person {
  const from = fields(value)
  return { id: text(from, 'id'), name: text(from, 'name') }
}

function optionalPerson(from: Fields, name: string): Person | null {
  return from.get(name) === null ? null : someone(from.get(name))
}

function optionalFields(from: Fields, name: string): Fields | null {
  return from.get(name) === null ? null : fields(from.get(name))
}
