/** What can be done with a case as a whole; each answers how it stands afterwards, or why it was not done. */
import { type Answer, ask, type Problem } from '../api'
import { t } from '../i18n'
import { oneOf, text } from '../parse'
import { type CaseState, STATES } from '../words'

export interface Life {
  readonly title: string
  readonly state: CaseState
}

const address = (id: string, what: string): string => `/api/cases/${encodeURIComponent(id)}/${what}`

export const rename = (id: string, title: string): Promise<Answer<Life>> => change(id, 'title', { title })

export const setState = (id: string, state: 'open' | 'concluded'): Promise<Answer<Life>> => change(id, 'state', { state })

export const leave = (id: string): Promise<Answer<null>> => ask('POST', address(id, 'leave'), {}, () => null)

function change(id: string, what: string, body: object): Promise<Answer<Life>> {
  return ask('PUT', address(id, what), body, (answer) => ({ title: text(answer, 'title'), state: oneOf(answer, 'state', STATES) }))
}

/** Why a case did not change, said to the one who tried. */
export function whyNot(problem: Problem): string {
  if (problem.kind !== 'refused') return problem.title
  if (problem.reason === 'conflict') return t('case.movedOn')
  if (problem.reason === 'forbidden') return t('case.mayNot')
  return problem.title
}
