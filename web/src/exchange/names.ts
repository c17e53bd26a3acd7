/** How sections are called, alone and in a row. Called while rendering. */
import { language } from '../i18n'
import { SECTIONS, type SectionName } from '../sections'

export function titleOf(name: SectionName): string {
  return SECTIONS.find((section) => section.name === name)?.title ?? name
}

export function listed(words: readonly string[]): string {
  return new Intl.ListFormat(language(), { type: 'conjunction' }).format(words)
}
