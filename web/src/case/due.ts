/** How urgent the day of a next action is, and how one says it. Called while rendering. */
import { language, t } from '../i18n'

export interface Due {
  readonly days: number
  /** Past; today or in the next two days; or neither. */
  readonly urgency: 'overdue' | 'soon' | 'later'
}

const DAY_MS = 86_400_000
const SOON_DAYS = 2

/** The day that it is for this person, as the head spells days. */
export function today(now: number): string {
  const date = new Date(now)
  const two = (part: number): string => String(part).padStart(2, '0')
  return `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** Days are counted on the calendar, whatever the hour and the changes between summer and winter. */
export function dueOn(day: string, from: string): Due {
  const days = Math.round((Date.parse(day) - Date.parse(from)) / DAY_MS)
  return { days, urgency: days < 0 ? 'overdue' : days <= SOON_DAYS ? 'soon' : 'later' }
}

/** "Due tomorrow", "Overdue: was due 3 days ago". */
export function dueWords({ days, urgency }: Due): string {
  const when = new Intl.RelativeTimeFormat(language(), { numeric: 'auto' }).format(days, 'day')
  return t(urgency === 'overdue' ? 'head.overdue' : 'head.due', { when })
}
