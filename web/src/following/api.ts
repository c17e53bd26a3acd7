/** Who presents, as the server tells it: whose view counts, and what one may do about it. */
import { type Answer, ask, type Manner } from '../api'
import { type Fields, fields, number, text } from '../parse'

export interface Presenter {
  readonly by: { readonly id: string; readonly name: string; readonly color: string }
  /** Their page, by its client id in the discussion's awareness; null: they were given the place and have not begun. */
  readonly client: number | null
  /** Of this turn. */
  readonly number: number
  readonly millisLeft: number
}

export interface Presenting {
  /** Null: the place is free. */
  readonly presenter: Presenter | null
  readonly mayPresent: boolean
  readonly mayTakeOver: boolean
}

const address = (id: string, rest = ''): string => `/api/cases/${encodeURIComponent(id)}/presenter${rest}`

export const whoPresents = (id: string): Promise<Answer<Presenting>> => ask('GET', address(id), null, presenting)

export const begin = (id: string, client: number): Promise<Answer<Presenting>> => ask('POST', address(id), { client }, presenting)

export const renew = (id: string, turn: number, client: number): Promise<Answer<Presenting>> => ask('PUT', address(id, `/${turn}`), { client }, presenting)

export const takeOver = (id: string, turn: number, client: number): Promise<Answer<Presenting>> =>
  ask('POST', address(id, `/${turn}/take-over`), { client }, presenting)

export const handOver = (id: string, turn: number, to: string): Promise<Answer<Presenting>> => ask('POST', address(id, `/${turn}/hand-over`), { to }, presenting)

/** Also from a page that is just being left. */
export const endTurn = (id: string, turn: number): Promise<Answer<null>> => ask('DELETE', address(id, `/${turn}`), null, () => null, null, LEAVING)

const LEAVING: Manner = { isLeaving: true }

function presenting(body: Fields): Presenting {
  const told = body.get('presenter')
  return {
    presenter: told === null ? null : presenter(fields(told)),
    mayPresent: body.get('may_present') === true,
    mayTakeOver: body.get('may_take_over') === true,
  }
}

function presenter(from: Fields): Presenter {
  const by = fields(from.get('by'))
  const name = by.get('name')
  return {
    by: { id: text(by, 'id'), name: typeof name === 'string' ? name : '', color: text(by, 'color') },
    client: from.get('client') === null ? null : number(from, 'client'),
    number: number(from, 'number'),
    millisLeft: number(from, 'millis_left'),
  }
}
