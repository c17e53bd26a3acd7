/** Which cases the list shows and in what order, as the page's address keeps it and as the server is asked for it. */
import { type CaseState, MEMBER_ROLES, type MemberRole, STATES } from '../words'
import { type Tab, TABS } from './api'

export const ORDERS = ['changed', 'created', 'title', 'due'] as const
export type Order = (typeof ORDERS)[number]

const DAY_MS = 86_400_000
const SINCE_MS = { day: DAY_MS, week: 7 * DAY_MS, month: 30 * DAY_MS, year: 365 * DAY_MS } as const
export const SINCES = ['day', 'week', 'month', 'year'] as const
export type Since = (typeof SINCES)[number]

/** States that can be chosen: nobody sees one that is purged. */
export const LISTED_STATES = STATES.filter((state) => state !== 'purged')

export interface Wish {
  readonly tab: Tab
  /** None: every state. */
  readonly states: readonly CaseState[]
  readonly role: MemberRole | null
  /** A person's id. */
  readonly lead: string | null
  readonly since: Since | null
  readonly order: Order
}

const PERSON_ID = /^[a-z2-7]{16}$/

/** `usual` is the tab of an address that names none. What nobody could have chosen was not said. */
export function readWish(search: string, usual: Tab): Wish {
  const said = new URLSearchParams(search)
  const tab = word(said.get('tab'), TABS) ?? usual
  const states = (said.get('state') ?? '').split('.')
  const lead = said.get('lead')
  return {
    tab,
    states: LISTED_STATES.filter((state) => states.includes(state)),
    role: word(said.get('role'), MEMBER_ROLES),
    lead: lead !== null && PERSON_ID.test(lead) ? lead : null,
    since: word(said.get('since'), SINCES),
    order: word(said.get('order'), ORDERS) ?? usualOrder(tab),
  }
}

/** What has to be acted on is sorted by when it is due, everything else by what changed last. */
export function usualOrder(tab: Tab): Order {
  return tab === 'act' ? 'due' : 'changed'
}

/** The address of a list; as short as it can be, so that it looks the same whichever way it was reached. */
export function addressOf(wish: Wish, usual: Tab): string {
  const said = new URLSearchParams()
  if (wish.tab !== usual) said.set('tab', wish.tab)
  if (wish.states.length > 0) said.set('state', wish.states.join('.'))
  if (wish.role !== null) said.set('role', wish.role)
  if (wish.lead !== null) said.set('lead', wish.lead)
  if (wish.since !== null) said.set('since', wish.since)
  if (wish.order !== usualOrder(wish.tab)) said.set('order', wish.order)
  const query = said.toString()
  return query === '' ? '/' : `/?${query}`
}

/** The same as the API asks for it. */
export function queryOf(wish: Wish, now: number, limit: number, after: string | null): string {
  const said = new URLSearchParams({ tab: wish.tab, order: wish.order, limit: String(limit) })
  if (wish.states.length > 0) said.set('state', wish.states.join(','))
  if (wish.role !== null) said.set('role', wish.role)
  if (wish.lead !== null) said.set('lead', wish.lead)
  if (wish.since !== null) said.set('since', String(now - SINCE_MS[wish.since]))
  if (after !== null) said.set('after', after)
  return said.toString()
}

export function filtersIn({ states, role, lead, since }: Wish): number {
  return [states.length > 0, role !== null, lead !== null, since !== null].filter(Boolean).length
}

export function withoutFilters(wish: Wish): Wish {
  return { ...wish, states: [], role: null, lead: null, since: null }
}

function word<T extends string>(said: string | null, words: readonly T[]): T | null {
  return words.find((each) => each === said) ?? null
}
