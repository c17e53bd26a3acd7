/** Points in time as people say them. */
import { language, t } from './i18n'

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

/** "3 hours ago", "yesterday"; "just now" for the last minute and for clocks that differ. */
export function ago(then: number, now: number): string {
  const seconds = (now - then) / 1000
  const step = STEPS.find(([, length]) => seconds >= length)
  if (step === undefined) return t('time.justNow')
  return new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' }).format(-Math.floor(seconds / step[1]), step[0])
}

export function exactly(then: number): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'short' }).format(then)
}

/** A calendar day, spelled `YYYY-MM-DD`: "Fri 28 Nov", with the year if it is not this one. */
export function dayName(day: string, now: number): string {
  const year = Number(day.slice(0, 4)) === new Date(now).getFullYear() ? {} : { year: 'numeric' as const }
  const style = { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC', ...year } as const
  return new Intl.DateTimeFormat(locale(), style).format(Date.parse(day))
}

/** "14:05", where it is clear which day is meant. */
export function clockTime(then: number): string {
  return new Intl.DateTimeFormat(locale(), { timeStyle: 'short' }).format(then)
}

/** "Thursday, 12 March 2026" */
export function onDay(then: number): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'full' }).format(then)
}

/** "14:05:09", for what is over in seconds. */
export function toTheSecond(then: number): string {
  return new Intl.DateTimeFormat(locale(), { timeStyle: 'medium' }).format(then)
}

/** Day before month, also in English: most of its medical readers write it so. */
export function locale(): string {
  return language() === 'en' ? 'en-GB' : language()
}
