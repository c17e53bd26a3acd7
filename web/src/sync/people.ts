/** Who is here, read from the awareness states that the server vouches for. */

export interface Presence {
  readonly id: string
  readonly name: string
  readonly role: string
  /** `#rrggbb` */
  readonly color: string
}

/** Somebody who has the record open now. */
export interface Present extends Presence {
  /** Where in the case they are, as their own page says: the id of a part of it. */
  readonly place: string | null
}

const HEX_COLOUR = /^#[0-9a-f]{6}$/i
const FALLBACK_COLOUR = '#5b6b78'

/** One entry per person, however many tabs they have open; sorted by name. States without a person are left out. */
export function presences(states: Iterable<unknown>): readonly Present[] {
  const people = new Map<string, Present>()
  for (const state of states) {
    const presence = presenceOf(field(state, 'user'))
    if (presence === null) continue
    const place = field(state, 'place')
    people.set(presence.id, { ...presence, place: typeof place === 'string' ? place : (people.get(presence.id)?.place ?? null) })
  }
  return [...people.values()].sort((a, b) => a.name.localeCompare(b.name))
}

/** Carets move with every letter; who is here, and where, hardly ever changes. */
export function samePeople(some: readonly Present[], others: readonly Present[]): boolean {
  const spelled = (people: readonly Present[]): string =>
    JSON.stringify(people.map(({ id, name, role, color, place }) => [id, name, role, color, place]))
  return spelled(some) === spelled(others)
}

export function presenceOf(user: unknown): Presence | null {
  const id = field(user, 'id')
  const name = field(user, 'name')
  const role = field(user, 'role')
  const color = field(user, 'color')
  if (typeof id !== 'string' || typeof name !== 'string') return null
  return {
    id,
    name,
    role: typeof role === 'string' ? role : '',
    color: typeof color === 'string' && HEX_COLOUR.test(color) ? color : FALLBACK_COLOUR,
  }
}

/** First letters of the first and the last word; academic titles and particles do not count. */
export function initials(name: string): string {
  const words = name
    .replace(/,.*$/, '')
    .split(/\s+/)
    .filter((word) => /\p{L}/u.test(word) && !/^(\p{Lu}\p{Ll}*\.|Dr|Prof)$/u.test(word))
  const first = words[0] ?? name
  const last = words.length > 1 ? words[words.length - 1] : undefined
  return `${letter(first)}${last === undefined ? '' : letter(last)}`.toLocaleUpperCase()
}

/** Black or white, whichever reads better on the colour (WCAG 2 relative luminance). */
export function inkOn(color: string): '#000000' | '#ffffff' {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => linear(parseInt(color.slice(at, at + 2), 16) / 255))
  const luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b
  return luminance > 0.179 ? '#000000' : '#ffffff'
}

function linear(channel: number): number {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
}

function letter(word: string): string {
  return /\p{L}/u.exec(word)?.[0] ?? ''
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
