/** What the fields of the head say, in words. Called while rendering. */
import type { Member } from '../api'
import { language, t } from '../i18n'
import { dayName } from '../time'
import type { Head } from './head'
import { AGE_BANDS, type AgeBand, day, type Field, FIELDS, line, type Sex, SEXES } from './headFields'

export function ageName(band: AgeBand): string {
  const [from = '', to = ''] = band.replace(/[dm+]/g, '').split('-')
  if (band.endsWith('+')) return t('head.yearsOn', { from })
  if (band.endsWith('m')) return t('head.daysToMonths', { from, to })
  return t(band.endsWith('d') ? 'head.days' : 'head.years', { from, to })
}

export function sexName(sex: Sex): string {
  return t(`head.${sex}`)
}

/** "30 to 39 years, female"; nothing while neither was said. */
export function patientWords({ ageBand, sex }: Pick<Head, 'ageBand' | 'sex'>): string {
  const said = [ageBand === null ? null : ageName(ageBand), sex === null ? null : sexName(sex).toLocaleLowerCase(language())]
  return said.filter((each) => each !== null).join(', ')
}

/** Of a rescued field too, which may be one that this page does not know. */
export function fieldName(name: string): string {
  const field: Field | undefined = FIELDS.find((each) => each === name)
  return field === undefined ? name : t(`head.${field}`)
}

/** What somebody put into a field, as the page shows it. */
export function fieldValue(name: string, value: string, members: readonly Member[]): string {
  const [band, sex] = [AGE_BANDS.find((each) => each === value), SEXES.find((each) => each === value)]
  if (name === 'ageBand' && band !== undefined) return ageName(band)
  if (name === 'sex' && sex !== undefined) return sexName(sex)
  if (name === 'nextOwner') return ownerName(value, members) ?? ''
  if (name === 'nextDue' && day(value) !== null) return dayName(value, Date.now())
  return line(value)
}

export function ownerName(owner: string | null, members: readonly Member[]): string | null {
  if (owner === null) return null
  return members.find(({ person }) => person.id === owner)?.person.name ?? t('head.ownerGone')
}

/** Who leads; a case can have several. */
export function leadWords(members: readonly Member[], me: string): string {
  const leads = members.filter(({ role }) => role === 'lead')
  const names = leads.map(({ person }) => (person.id === me ? t('people.you', { name: person.name }) : person.name))
  return t('head.lead', { count: names.length, names: new Intl.ListFormat(language(), { type: 'conjunction' }).format(names) })
}

/** Members have pictures; a moderator who is none of them has initials. */
export function pictureOf(person: string, members: readonly Member[]): string | null {
  return members.find((member) => member.person.id === person)?.person.picture ?? null
}
