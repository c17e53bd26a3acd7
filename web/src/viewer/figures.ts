/** Numbers as they are read beside a picture: four figures, in the reader's language. */
import { language } from '../i18n'

export function figure(value: number): string {
  return new Intl.NumberFormat(language(), { maximumSignificantDigits: 4, useGrouping: false }).format(value)
}
