/** Numbers and times as they are read beside a picture, in the reader's language: whole numbers as they are, others by four figures. */
import { language } from '../i18n'

export function figure(value: number): string {
  const digits = Number.isInteger(value) ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 4 }
  return new Intl.NumberFormat(language(), { ...digits, useGrouping: false }).format(value)
}

/** `1:02.345`, or with the language's comma; from an hour on `1:00:02.345`. Never a time that has not come yet. */
export function clock(seconds: number): string {
  const all = Math.floor(Math.max(0, seconds) * 1000 + 1e-6)
  const [hours, minutes] = [Math.floor(all / 3_600_000), Math.floor((all % 3_600_000) / 60_000)]
  const rest = new Intl.NumberFormat(language(), { minimumIntegerDigits: 2, minimumFractionDigits: 3 }).format((all % 60_000) / 1000)
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`
}
