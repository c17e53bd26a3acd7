/** What an import says. Called while rendering. */
import { language, t } from '../i18n'
import { listed, titleOf } from './names'
import { MAX_CHARACTERS, type Notice, type Reading } from './reading'
import { MAX_FILE_BYTES, type Refusal } from './sniff'

export function numberWords(value: number): string {
  return new Intl.NumberFormat(language()).format(value)
}

export function megabytes(): string {
  return new Intl.NumberFormat(language(), { style: 'unit', unit: 'megabyte' }).format(MAX_FILE_BYTES / 1_000_000)
}

export function whyNot(why: Refusal): string {
  return t(`import.refused.${why}`, { limit: megabytes() })
}

export function tooLong(characters: number): string {
  return t('import.tooLong', { number: numberWords(characters), limit: numberWords(MAX_CHARACTERS) })
}

export function noticeWords({ kind, count }: Notice): string {
  return t(`import.notice.${kind}`, { count })
}

export function titlesOf({ parts }: Reading): string {
  return listed(parts.map(({ section }) => titleOf(section)))
}
