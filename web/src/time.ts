/** Points in time as people say them. */

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

const relative = new Intl.RelativeTimeFormat('en-GB', { numeric: 'auto' })
const absolute = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' })

/** "3 hours ago", "yesterday"; "just now" for the last minute and for clocks that differ. */
export function ago(then: number, now: number): string {
  const seconds = (now - then) / 1000
  const step = STEPS.find(([, length]) => seconds >= length)
  return step === undefined ? 'just now' : relative.format(-Math.floor(seconds / step[1]), step[0])
}

export function exactly(then: number): string {
  return absolute.format(then)
}
