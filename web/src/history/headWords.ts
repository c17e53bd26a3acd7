/** The fields of a head as they stood, in words, whatever a client put there. */
import type { Member } from '../api'
import { ageName, ownerName, sexName } from '../case/headWords'
import { AGE_BANDS, type Field, FIELDS, SEXES } from '../case/headFields'
import { day, line } from '../case/head'
import { dayName } from '../time'

/** As they stand on the page; what this page does not know comes last. */
export function orderOf(name: string): number {
  const at = FIELDS.findIndex((field) => field === name)
  return at === -1 ? FIELDS.length : at
}

export function fieldValue(name: string, value: unknown, members: readonly Member[]): string {
  if (value === undefined || value === null) return ''
  if (typeof value !== 'string') return line(JSON.stringify(value))
  const known: Field | undefined = FIELDS.find((field) => field === name)
  switch (known) {
    case 'sex': {
      const sex = SEXES.find((each) => each === value)
      return sex === undefined ? line(value) : sexName(sex)
    }
    case 'ageBand': {
      const band = AGE_BANDS.find((each) => each === value)
      return band === undefined ? line(value) : ageName(band)
    }
    case 'nextOwner':
      return ownerName(value, members) ?? ''
    case 'nextDue': {
      const due = day(value)
      return due === null ? line(value) : dayName(due, Date.now())
    }
    default:
      return line(value)
  }
}
