/** The parts of a case that somebody can be in: the sections of the record, and the head above them with its fields. */
import { t } from '../i18n'
import { SECTION_NAMES, SECTIONS } from '../sections'
import type { Present } from '../sync/people'
import type { Desk } from './desk.svelte'
import type { Field } from './head'

/** The id of the head on the page. */
export const HEAD_PLACE = 'head'

/** The part that an element of the page belongs to: `plan`, `head`, `head.question`. */
export function placeOf(element: Element): string | null {
  const part = element.closest([HEAD_PLACE, ...SECTION_NAMES].map((name) => `#${name}`).join())?.id ?? null
  const field = element instanceof HTMLElement ? element.dataset['field'] : undefined
  return part === HEAD_PLACE && field !== undefined ? `${part}.${field}` : part
}

/** What a part is called; null for one that this page does not have. */
export function placeName(place: string | null): string | null {
  if (isInHead(place)) return t('head.title')
  return SECTIONS.find(({ name }) => name === place)?.title ?? null
}

export function isInHead(place: string | null): boolean {
  return place === HEAD_PLACE || place?.startsWith(`${HEAD_PLACE}.`) === true
}

/** Who else is in a field of the head: two who write one line at once would write over each other. */
export function othersIn(field: Field, { record, me }: Desk): readonly Present[] {
  return record.people.filter(({ id, place }) => id !== me.id && place === `${HEAD_PLACE}.${field}`)
}
