/** A rescue draft in words: why it was not taken, and its text to copy or download. Called while rendering. */
import type { Member } from '../api'
import { fieldName, fieldValue } from '../case/headWords'
import { DISCUSSION } from '../discussion/words'
import { language, t } from '../i18n'
import { SECTIONS } from '../sections'
import { plainWriting } from '../sync/writing'
import { type Draft, isStranded, STRANDED } from './drafts'

const KNOWN = ['read-only', 'concluded', 'document-full', 'update-too-large', 'too-large', 'no-access', 'moved', 'restored', 'unacceptable', 'foreign-client', STRANDED.own, STRANDED.theirs] as const

export function whyRefused(reason: string, title: string): string {
  const known = KNOWN.find((word) => word === reason)
  if (known !== undefined) return t(`rescue.why.${known}`)
  return title === '' ? t('rescue.why.other') : title
}

/** What stands above a draft. */
export function draftLabel(draft: Draft): string {
  return t(isStranded(draft) ? 'rescue.labelStranded' : 'rescue.label', { sections: draftTitle(draft) })
}

/** Of the discussion everything is one part. */
export function sectionTitle(name: string): string {
  if (name === DISCUSSION) return t('discussion.title')
  return SECTIONS.find((section) => section.name === name)?.title ?? name
}

/** The titles of the sections that it holds words of. */
export function draftTitle({ writing }: Draft): string {
  const titles = writing.sections.filter((section) => section.section === DISCUSSION || plainWriting(section) !== '').map(({ section }) => sectionTitle(section))
  if (writing.head.length > 0) titles.unshift(t('head.title'))
  return new Intl.ListFormat(language(), { type: 'conjunction' }).format(titles)
}

export function draftTime({ at }: Draft): string {
  return new Intl.DateTimeFormat(language(), { dateStyle: 'medium', timeStyle: 'short' }).format(at)
}

/** As plain text: each section under its title. */
export function draftText({ writing }: Draft, members: readonly Member[]): string {
  const head = writing.head.length === 0 ? [] : [`${t('head.title')}\n${writing.head.map(([field, value]) => `${fieldName(field)}: ${fieldValue(field, value, members)}`).join('\n')}`]
  const sections = writing.sections
    .map((section) => [sectionTitle(section.section), plainWriting(section)] as const)
    .filter(([, text]) => text !== '')
    .map(([title, text]) => `${title}\n${text}`)
  return [...head, ...sections].join('\n\n')
}
