/** Giving, changing and taking away a place in a case, and why it was not done. */
import { type Problem, setRole } from '../api'
import { t } from '../i18n'
import type { MemberRole } from '../words'
import type { OpenRecord } from './record.svelte'

export type Place = MemberRole | 'none'

/** What the server says of it; whatever that is, the page then shows how the case stands. */
export async function give(record: OpenRecord, email: string, role: Place): Promise<Problem | null> {
  const answer = await setRole(record.case.id, email, role)
  await record.refresh()
  return answer.ok ? null : answer.problem
}

export function explain(problem: Problem): string {
  if (problem.kind !== 'refused') return problem.title
  switch (problem.reason) {
    case 'invalid-request':
      return t('people.unknown')
    case 'conflict':
      return t('people.needsLead')
    case 'forbidden':
      return t('people.mayNot')
    default:
      return problem.title
  }
}
