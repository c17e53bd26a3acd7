/** Numbers as they are read beside a picture, in the reader's language: whole ones as they are, others by four figures. */
import { language } from '../i18n'

export function figure(value: number): string {
  const digits = Number.isInteger(value) ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 4 }
  return new Intl.NumberFormat(language(), { ...digits, useGrouping: false }).format(value)
}
