/** The access log, as the server tells it: of a case, or of the house. */
import { type Answer, ask } from '../api'
import { type Fields, fields, list, number, optionalText, text } from '../parse'

export const KINDS = ['reading', 'change', 'members', 'sign-in', 'accounts', 'house'] as const
export type Kind = (typeof KINDS)[number]
/** Of these is a case's log. */
export const CASE_KINDS: readonly Kind[] = ['reading', 'change', 'members']
export const PAGE = 100

export interface Who {
  readonly id: string
  /** None: there is no such account any more. */
  readonly name: string | null
  /** `#rrggbb` */
  readonly color: string
}

export interface LoggedEvent {
  readonly seq: number
  readonly at: number
  /** A word of the server's; one of another release's may be new here. */
  readonly action: string
  readonly isRefused: boolean
  /** Null: nobody who was signed in. */
  readonly who: Who | null
  readonly means: string
  /** Whom it was done to. */
  readonly person: Who | null
  readonly document: string | null
  readonly details: ReadonlyMap<string, string | number>
  /** Told to admins, of the house's log. */
  readonly address: string | null
}

export interface EventPage {
  readonly events: readonly LoggedEvent[]
  /** Ask for what is older than this; null: this was all. */
  readonly before: number | null
}

export interface Chain {
  readonly events: number
  /** The first that was changed, or is missing. */
  readonly brokenAt: number | null
}

/** Empty texts: everybody's, and of every kind. */
export interface Sought {
  readonly who: string
  readonly kind: Kind | ''
}

/** A log's address in the API. */
export function logOf(caseId: string | null): string {
  return caseId === null ? '/api/admin/audit' : `/api/cases/${encodeURIComponent(caseId)}/audit`
}

export function readEvents(log: string, { who, kind }: Sought, before: number | null, limit = PAGE, stop: AbortSignal | null = null): Promise<Answer<EventPage>> {
  const asked = new URLSearchParams({ limit: String(limit) })
  if (who !== '') asked.set('who', who)
  if (kind !== '') asked.set('kind', kind)
  if (before !== null) asked.set('before', String(before))
  return ask('GET', `${log}?${asked.toString()}`, null, page, stop)
}

/** The server walks along all of it. */
export function readChain(log: string): Promise<Answer<Chain>> {
  return ask('GET', `${log}/chain`, null, (body) => ({
    events: number(body, 'events'),
    brokenAt: body.get('broken_at') === null ? null : number(body, 'broken_at'),
  }))
}

function page(body: Fields): EventPage {
  return { events: list(body, 'events', event), before: body.get('before') === null ? null : number(body, 'before') }
}

function event(value: unknown): LoggedEvent {
  const from = fields(value)
  const details = fields(from.get('details'))
  const said = [...details].flatMap(([key, detail]) => (typeof detail === 'string' || typeof detail === 'number' ? [[key, detail] as const] : []))
  return {
    seq: number(from, 'seq'),
    at: number(from, 'at'),
    action: text(from, 'action'),
    isRefused: from.get('is_refused') === true,
    who: from.get('who') === null ? null : who(from.get('who')),
    means: text(from, 'means'),
    person: from.get('person') === null ? null : who(from.get('person')),
    document: optionalText(from, 'document'),
    details: new Map(said),
    address: optionalText(from, 'address'),
  }
}

function who(value: unknown): Who {
  const from = fields(value)
  return { id: text(from, 'id'), name: optionalText(from, 'name'), color: text(from, 'color') }
}
