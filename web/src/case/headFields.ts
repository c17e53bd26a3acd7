/** The fields of a head and the closed sets of words in it, apart from the document: lists, which need no Yjs, say them too. */

export const AGE_BANDS = [
  '0-27d',
  '28d-11m',
  '1-4',
  '5-11',
  '12-17',
  '18-29',
  '30-39',
  '40-49',
  '50-59',
  '60-69',
  '70-79',
  '80-89',
  '90+',
] as const
export const SEXES = ['female', 'male', 'other', 'unknown'] as const

export type AgeBand = (typeof AGE_BANDS)[number]
export type Sex = (typeof SEXES)[number]

export const FIELDS = ['ageBand', 'sex', 'question', 'line', 'nextAction', 'nextOwner', 'nextDue'] as const
export type Field = (typeof FIELDS)[number]
