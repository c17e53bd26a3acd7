/** A figure where there are only words. */
import { t } from '../i18n'

export const MAX_LABEL = 300

/** What stands for it: what it was called when it was put into the text. */
export function figureWords(label: unknown): string {
  const said = short(label)
  return said === null ? t('media.figure') : t('media.figureNamed', { name: said })
}

export function short(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, MAX_LABEL) : null
}
