/** What people ask to include in a record, as the server tells it. */
import { type Answer, ask } from '../api'
import { type Fields, fields, list, number, oneOf, text } from '../parse'
import { readSection } from '../offline/drafts'
import type { Writing } from '../sync/writing'

export const OUTCOMES = ['waiting', 'included', 'declined', 'withdrawn'] as const
export type Outcome = (typeof OUTCOMES)[number]

export interface Author {
  readonly id: string
  /** Empty: there is no such account any more. */
  readonly name: string
}

export interface Decision {
  readonly by: Author
  readonly at: number
  /** To the one who asked; may be empty. */
  readonly line: string
}

export interface Proposal {
  readonly id: string
  /** What the page of its author calls the draft. */
  readonly draft: string
  readonly author: Author
  /** Why the words were not taken. */
  readonly reason: string
  readonly at: number
  readonly writing: Writing
  readonly outcome: Outcome
  readonly decision: Decision | null
}

export interface ProposalList {
  readonly proposals: readonly Proposal[]
  readonly mayDecide: boolean
}

const address = (id: string, rest = ''): string => `/api/cases/${encodeURIComponent(id)}/proposals${rest}`

export function listProposals(id: string): Promise<Answer<ProposalList>> {
  return ask('GET', address(id), null, (body) => ({
    proposals: list(body, 'proposals', (each) => proposal(fields(each))),
    mayDecide: body.get('may_decide') === true,
  }))
}

export function propose(id: string, draft: string, reason: string, writing: Writing): Promise<Answer<Proposal>> {
  return ask('POST', address(id), { draft, reason, writing: spelled(writing) }, proposal)
}

export function decide(id: string, of: string, outcome: Outcome, line = ''): Promise<Answer<Proposal>> {
  return ask('PUT', address(id, `/${encodeURIComponent(of)}/outcome`), { outcome, line }, proposal)
}

export function putAway(id: string, of: string): Promise<Answer<null>> {
  return ask('DELETE', address(id, `/${encodeURIComponent(of)}`), null, () => null)
}

function spelled({ sections, head }: Writing): object {
  return { sections, head: head.map(([field, value]) => ({ field, value })) }
}

function proposal(from: Fields): Proposal {
  const [writing, decided] = [fields(from.get('writing')), from.get('decision')]
  const draft = text(from, 'draft')
  return {
    id: text(from, 'id'),
    draft,
    author: author(from.get('author')),
    reason: text(from, 'reason'),
    at: number(from, 'at'),
    writing: {
      sections: list(writing, 'sections', readSection),
      head: list(writing, 'head', (each) => [text(fields(each), 'field'), text(fields(each), 'value')] as const),
      removed: false,
      fingerprint: draft,
    },
    outcome: oneOf(from, 'outcome', OUTCOMES),
    decision: decided === null ? null : decision(fields(decided)),
  }
}

function decision(from: Fields): Decision {
  return { by: author(from.get('by')), at: number(from, 'at'), line: text(from, 'line') }
}

function author(value: unknown): Author {
  const from = fields(value)
  const name = from.get('name')
  return { id: text(from, 'id'), name: typeof name === 'string' ? name : '' }
}
