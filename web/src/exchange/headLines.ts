/** The head of a case as lines of a file; what was not said is no line. Called while rendering. */
import type { Member } from '../api'
import type { AgeBand, Head } from '../case/head'
import { language, t } from '../i18n'
import type { Line } from './report'

export function headLines(head: Head, members: readonly Member[]): readonly Line[] {
  const owner = head.nextOwner === null ? null : (members.find(({ person }) => person.id === head.nextOwner)?.person.name ?? t('export.head.gone'))
  const lines: readonly (readonly [string, string | null])[] = [
    [t('export.head.ageBand'), head.ageBand === null ? null : ageName(head.ageBand)],
    [t('export.head.sex'), head.sex === null ? null : t(`export.head.${head.sex}`)],
    [t('export.head.line'), head.line],
    [t('export.head.question'), head.question],
    [t('export.head.nextAction'), head.nextAction],
    [t('export.head.nextOwner'), owner],
    [t('export.head.nextDue'), head.nextDue === null ? null : dayName(head.nextDue)],
  ]
  return lines.flatMap(([label, value]) => (value === null || value.trim() === '' ? [] : [{ label, value }]))
}

function ageName(band: AgeBand): string {
  const [from = '', to = ''] = band.replace(/[dm+]/g, '').split('-')
  if (band.endsWith('+')) return t('export.head.yearsOn', { from })
  if (band.endsWith('m')) return t('export.head.daysToMonths', { from, to })
  return t(band.endsWith('d') ? 'export.head.days' : 'export.head.years', { from, to })
}

function dayName(day: string): string {
  const locale = language() === 'en' ? 'en-GB' : language()
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(`${day}T00:00:00Z`))
}
