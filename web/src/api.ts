/** The HTTP API, typed. Answers are parsed at this edge; refusals (RFC 9457) come back as values, not as exceptions. */
import { t } from './i18n'
import { type Fields, fields, list, number, oneOf, optionalText, text } from './parse'
import { sayFailure } from './problems'
import { type CaseState, type MemberRole, RIGHTS, type Right, ROLES, type Role, STANDINGS, type Standing, STATES } from './words'

const PATIENCE_MS = 20_000

export interface Person {
  readonly id: string
  readonly name: string
}

export interface Me extends Person {
  readonly email: string
  readonly standing: Standing
  /** `#rrggbb`, as others see it. */
  readonly color: string
  readonly profession: string
  readonly specialty: string
  readonly registration: string
  /** BCP 47; none: as the browser asks. */
  readonly language: string | null
  /** An address of ours. */
  readonly picture: string | null
}

/** Somebody in a case, as the others see them. */
export interface Colleague extends Person {
  /** `#rrggbb`, as their cursor shows it. */
  readonly color: string
  /** In their own words; empty is "not said". */
  readonly profession: string
  readonly specialty: string
  /** An address of ours. */
  readonly picture: string | null
}

export interface Member {
  readonly person: Colleague
  /** Given to those who may change roles. */
  readonly email: string | null
  readonly role: Role
  readonly since: number
}

export interface Case {
  readonly id: string
  readonly title: string
  readonly state: CaseState
  readonly createdAt: number
  /** None: what one may do here does not come from a membership. */
  readonly role: Role | null
  readonly rights: ReadonlySet<Right>
  /** Kind → the document's current name on the wire; it changes when a history had to be rewritten. */
  readonly documents: ReadonlyMap<string, string>
  readonly members: readonly Member[]
}

export type Problem =
  /** `at`: when it ended at the latest, by the server's clock, milliseconds since 1970; null: nobody can say. */
  | { readonly kind: 'signed-out'; readonly title: string; readonly at: number | null }
  | { readonly kind: 'not-found'; readonly title: string }
  | { readonly kind: 'refused'; readonly title: string; readonly reason: string; readonly detail: string | null }
  | { readonly kind: 'too-many'; readonly title: string; readonly retryAfterSeconds: number | null }
  | { readonly kind: 'failed'; readonly title: string }
  | { readonly kind: 'unreachable'; readonly title: string }

export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem }

export type Credentials = { readonly email: string; readonly password: string } | { readonly link: string }

export const signIn = (credentials: Credentials): Promise<Answer<Me>> =>
  ask('POST', '/api/sign-in', credentials, (body) => me(body.get('person')))

export const signOut = (): Promise<Answer<null>> => ask('POST', '/api/sign-out', {}, () => null)

/** Who is signed in in this browser, whoever this tab speaks for. */
export const whoAmI = (patienceMs = PATIENCE_MS): Promise<Answer<Me>> =>
  ask('GET', '/api/me', null, (body) => me(body.get('person')), null, { patienceMs, asWhoever: true })

/** An answer as it came, to be kept on this device, and what it says. */
export interface Told<T> {
  readonly value: T
  readonly body: unknown
}

export const whoAmIToKeep = (): Promise<Answer<Told<Me>>> => ask('GET', '/api/me', null, (body) => told(body, readMe))

export const openCaseToKeep = (id: string, patienceMs = PATIENCE_MS): Promise<Answer<Told<Case>>> =>
  ask('GET', `/api/cases/${encodeURIComponent(id)}`, null, (body) => told(body, readCase), null, { patienceMs })

/** What was kept, read as if it had just come. Throws where another release kept it in another shape. */
export const keptMe = (body: unknown): Me => readMe(fields(body))
export const keptCase = (body: unknown): Case => readCase(fields(body))

export const readMe = (body: Fields): Me => me(body.get('person'))

function told<T>(body: Fields, read: (body: Fields) => T): Told<T> {
  return { value: read(body), body: Object.fromEntries(body) }
}

/** What opens the copies on this device, for as long as this sign-in lives. */
export interface Grant {
  readonly person: string
  readonly key: string
  readonly keepHours: number
  /** When the sign-in ends, by the server's clock. */
  readonly expiresAt: number
}

export const offlineKey = (patienceMs = PATIENCE_MS): Promise<Answer<Grant>> =>
  ask('GET', '/api/offline-key', null, grant, null, { patienceMs })

const grant = (body: Fields): Grant => ({
  person: text(body, 'person'),
  key: text(body, 'key'),
  keepHours: number(body, 'keep_hours'),
  expiresAt: number(body, 'expires_at'),
})

export const openCase = (id: string): Promise<Answer<Case>> =>
  ask('GET', `/api/cases/${encodeURIComponent(id)}`, null, readCase)

export const setRole = (id: string, email: string, role: MemberRole | 'none'): Promise<Answer<readonly Member[]>> =>
  ask('PUT', `/api/cases/${encodeURIComponent(id)}/members`, { email, role }, (body) => list(body, 'members', member))

const WITHOUT_BODY = new Set([202, 204])

/**
 * Whom this tab speaks for. All tabs of a browser share its cookie: when somebody else signs in in one of them, the server
 * refuses what the others ask, instead of doing it in that person's name. [AUT-7]
 */
let speaker: string | null = null

export function speakFor(person: string | null): void {
  speaker = person
}

function introduced(): Record<string, string> {
  return speaker === null ? {} : { 'consilium-person': speaker }
}

/** Where this device has a copy to show instead: a frozen link looks like one that is only slow. */
export const SHORT_PATIENCE_MS = 6_000

export interface Manner {
  readonly patienceMs?: number
  readonly asWhoever?: boolean
  /** It is sent though the page is being left. */
  readonly isLeaving?: boolean
}

/** `stop` gives a question up whose answer nobody waits for any more. */
export async function ask<T>(
  method: string,
  path: string,
  body: unknown,
  read: (body: Fields) => T,
  stop: AbortSignal | null = null,
  { patienceMs = PATIENCE_MS, asWhoever = false, isLeaving = false }: Manner = {},
): Promise<Answer<T>> {
  let response: Response
  const said = asWhoever ? {} : introduced()
  // A file goes as it is, with its own type.
  const sending =
    body === null
      ? { headers: said }
      : body instanceof Blob
        ? { body, headers: said }
        : { body: JSON.stringify(body), headers: { ...said, 'content-type': 'application/json' } }
  try {
    // A frozen server takes a request and never answers: for what changes nothing, that is as good as unreachable.
    const signal = stop ?? (method === 'GET' ? AbortSignal.timeout(patienceMs) : null)
    response = await fetch(path, { method, credentials: 'same-origin', signal, keepalive: isLeaving, ...sending })
  } catch {
    return refused({ kind: 'unreachable', title: t('problem.unreachable') })
  }
  try {
    const answer = WITHOUT_BODY.has(response.status) ? new Map() : fields(await response.json())
    return response.ok ? { ok: true, value: read(answer) } : refused(problemOf(response, answer))
  } catch {
    return refused({ kind: 'failed', title: t('problem.unreadable', { status: response.status }) })
  }
}

/** As `ask`, for an answer that is no JSON. */
export async function askBytes<T>(path: string, signal: AbortSignal, read: (bytes: Uint8Array) => T): Promise<Answer<T>> {
  let response: Response
  try {
    response = await fetch(path, { credentials: 'same-origin', signal, headers: introduced() })
    if (response.ok) return { ok: true, value: read(new Uint8Array(await response.arrayBuffer())) }
  } catch (error) {
    if (error instanceof RangeError) return refused({ kind: 'failed', title: t('problem.unreadable', { status: 200 }) })
    return refused({ kind: 'unreachable', title: t('problem.unreachable') })
  }
  try {
    return refused(problemOf(response, fields(await response.json())))
  } catch {
    return refused({ kind: 'failed', title: t('problem.unreadable', { status: response.status }) })
  }
}

function refused(problem: Problem): { readonly ok: false; readonly problem: Problem } {
  return { ok: false, problem }
}

function problemOf(response: Response, body: Fields): Problem {
  const title = sayFailure(optionalText(body, 'reason'), optionalText(body, 'title'), optionalText(body, 'request'))
  switch (response.status) {
    case 401: {
      // Somebody else's sign-in says nothing about this person's.
      const at = optionalText(body, 'reason') === 'somebody-else' ? NaN : Date.parse(response.headers.get('date') ?? '')
      return { kind: 'signed-out', title, at: Number.isNaN(at) ? null : at }
    }
    case 404:
      return { kind: 'not-found', title }
    case 429: {
      const seconds = Number.parseInt(response.headers.get('retry-after') ?? '', 10)
      return { kind: 'too-many', title, retryAfterSeconds: Number.isNaN(seconds) ? null : seconds }
    }
    default:
      if (response.status >= 500) return { kind: 'failed', title }
      return { kind: 'refused', title, reason: optionalText(body, 'reason') ?? 'unknown', detail: optionalText(body, 'detail') }
  }
}

function person(value: unknown): Person {
  const from = fields(value)
  return { id: text(from, 'id'), name: text(from, 'name') }
}

function me(value: unknown): Me {
  const from = fields(value)
  const [email, color] = [text(from, 'email'), text(from, 'color')]
  return {
    ...person(value),
    email,
    color,
    standing: oneOf(from, 'standing', STANDINGS),
    // What an earlier release kept on this device has no profile.
    profession: optionalText(from, 'profession') ?? '',
    specialty: optionalText(from, 'specialty') ?? '',
    registration: optionalText(from, 'registration') ?? '',
    language: optionalText(from, 'language'),
    picture: optionalText(from, 'picture'),
  }
}

/** What a case that was kept on this device by an earlier release does not say is not said. */
function colleague(value: unknown): Colleague {
  const from = fields(value)
  return {
    ...person(value),
    color: optionalText(from, 'color') ?? '#5b6b78',
    profession: optionalText(from, 'profession') ?? '',
    specialty: optionalText(from, 'specialty') ?? '',
    picture: optionalText(from, 'picture'),
  }
}

function member(value: unknown): Member {
  const from = fields(value)
  return {
    person: colleague(from.get('person')),
    email: optionalText(fields(from.get('person')), 'email'),
    role: oneOf(from, 'role', ROLES),
    since: number(from, 'since'),
  }
}

function readCase(body: Fields): Case {
  const from = fields(body.get('case'))
  const rights = list(body, 'rights', (right) => right)
  const documents = fields(body.get('documents'))
  return {
    id: text(from, 'id'),
    title: text(from, 'title'),
    state: oneOf(from, 'state', STATES),
    createdAt: number(from, 'created_at'),
    role: body.get('role') === null ? null : oneOf(body, 'role', ROLES),
    rights: new Set(RIGHTS.filter((right) => rights.includes(right))),
    documents: new Map([...documents.keys()].map((kind) => [kind, text(documents, kind)])),
    members: list(body, 'members', member),
  }
}
