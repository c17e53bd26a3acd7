/** What a page says of itself in the discussion's awareness, beside who it is: what it shows, whom it follows, what it asks. */
import { type Presence, presenceOf } from '../sync/people'
import { type Carried, unpack } from '../viewer/carried'
import { type Passage, passageOf } from './passage'

/** Short, as they travel with each movement of a hand. */
export const FIELDS = { view: 'view', passage: 'at', follows: 'follows', asks: 'asks' } as const

export interface Told {
  /** As the server vouches for. */
  readonly person: Presence
  readonly view: Carried | null
  readonly passage: Passage | null
  /** The id of a person. */
  readonly follows: string | null
  /** Whether they want to present. */
  readonly asks: boolean
}

/** Null for a page that nobody vouches for. */
export function toldBy(state: unknown): Told | null {
  const from = new Map<string, unknown>(typeof state === 'object' && state !== null ? Object.entries(state) : [])
  const person = presenceOf(from.get('user'))
  if (person === null) return null
  const follows = from.get(FIELDS.follows)
  return {
    person,
    view: unpack(from.get(FIELDS.view)),
    passage: passageOf(from.get(FIELDS.passage)),
    follows: typeof follows === 'string' ? follows : null,
    asks: from.get(FIELDS.asks) === true,
  }
}

/** What the presenter's own page says. A page that says it is theirs is not enough: it has to be the one of the turn. */
export function shownBy(states: ReadonlyMap<number, Told>, presenter: { readonly by: { readonly id: string }; readonly client: number | null } | null): Told | null {
  const told = presenter?.client == null ? undefined : states.get(presenter.client)
  return told !== undefined && told.person.id === presenter?.by.id ? told : null
}

/** Each person once, however many pages they have open; sorted by name. */
export function people(states: ReadonlyMap<number, Told>, are: (told: Told) => boolean): readonly Presence[] {
  const found = new Map([...states.values()].filter(are).map(({ person }) => [person.id, person]))
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name))
}
