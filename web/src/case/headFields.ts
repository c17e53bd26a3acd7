/** The fields of a head and what may stand in them, apart from the document: lists, which need no Yjs, say them too. */

export const AGE_BANDS = [
  '0-27d',
  '28d-11m',
  '1-4',
  '5-11',
  '12-17',
  '18-29',
  '30-39',
  '40-49',
  '50-59',
  '60-69',
  '70-79',
  '80-89',
  '90+',
] as const
export const SEXES = ['female', 'male', 'other', 'unknown'] as const

export type AgeBand = (typeof AGE_BANDS)[number]
export type Sex = (typeof SEXES)[number]

export const FIELDS = ['ageBand', 'sex', 'question', 'line', 'nextAction', 'nextOwner', 'nextDue'] as const
export type Field = (typeof FIELDS)[number]

export const MAX_LENGTH = 300

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/
/** Controls, line ends among them, and what turns the direction of everything after it: none belongs in one line. */
const UNSEEN = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu

/** One line of at most 300 characters (code points: no half of a pair is left), as other clients are promised it. */
export function line(value: unknown): string {
  if (typeof value !== 'string') return ''
  // Cut before anything looks at it: what a hostile client sent may be megabytes long.
  const read = value.slice(0, 2 * MAX_LENGTH).replace(UNSEEN, ' ')
  return [...read].slice(0, MAX_LENGTH).join('').replace(/[\ud800-\udbff]$/, '')
}

/** A day that exists. */
export function day(value: unknown): string | null {
  const match = typeof value === 'string' ? DAY.exec(value) : null
  if (match === null) return null
  const [text, year, month, date] = match
  const made = new Date(Date.UTC(Number(year), Number(month) - 1, Number(date)))
  return Number(year) > 0 && made.getUTCMonth() === Number(month) - 1 ? text : null
}
