/** The sections of the record, in reading order: the names of the fragments in the document, and what belongs in each. */
import { t } from './i18n'

export const SECTION_NAMES = [
  'summary',
  'impression',
  'plan',
  'history',
  'examination',
  'investigations',
  'imaging',
  'timeline',
  'outcome',
] as const
export type SectionName = (typeof SECTION_NAMES)[number]

export interface Section {
  readonly name: SectionName
  /** In the reader's language of the moment: read it while rendering. */
  readonly title: string
  /** Shown while the section is empty; in the reader's language too. */
  readonly hint: string
  /** The page opens on what clinicians read first; the rest is folded. */
  readonly first: boolean
}

/** Headings inside a section stand below the section's own. */
export const HEADING_LEVELS = [3, 4] as const

const FIRST: ReadonlySet<SectionName> = new Set(['summary', 'impression', 'plan'])

export const SECTIONS: readonly Section[] = SECTION_NAMES.map((name) => ({
  name,
  first: FIRST.has(name),
  get title() {
    return t(`case.section.${name}.title`)
  },
  get hint() {
    return t(`case.section.${name}.hint`)
  },
}))
