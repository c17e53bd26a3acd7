/** Proposals in words. Called while rendering. */
import type { Problem } from '../api'
import { language, t } from '../i18n'
import { sectionTitle } from '../offline/draftWords'
import { saysSomething, type Writing } from '../sync/writing'
import { exactly } from '../time'
import type { Author, Proposal } from './api'

const KNOWN = ['read-only', 'concluded', 'document-full', 'update-too-large', 'too-large', 'no-access', 'restored', 'stranded', 'stranded-theirs'] as const

/** More names than this are a number. */
const MOST_NAMES = 3

export function authorName({ name }: Author): string {
  return name === '' ? t('history.somebody') : name
}

/** The parts of the record that it belongs to. */
export function placesOf(writing: Writing): string {
  const titles = writing.sections.filter((each) => saysSomething({ ...writing, sections: [each], head: [] })).map(({ section }) => sectionTitle(section))
  if (writing.head.length > 0) titles.unshift(t('head.title'))
  return new Intl.ListFormat(language(), { type: 'conjunction' }).format(titles)
}

/** Who asks for how much, in one line. */
export function summary(proposals: readonly Proposal[]): string {
  const names = [...new Map(proposals.map(({ author }) => [author.id, authorName(author)])).values()]
  const count = proposals.reduce((sum, { writing }) => sum + writing.sections.length + (writing.head.length > 0 ? 1 : 0), 0)
  const [only] = names
  if (names.length === 1 && only !== undefined) return t('proposal.asks', { who: only, count })
  const who = names.length > MOST_NAMES ? t('history.sincePeople', { count: names.length }) : new Intl.ListFormat(language(), { type: 'conjunction' }).format(names)
  return t('proposal.askTogether', { who, count })
}

/** Why somebody else's words were not taken. */
export function whyOthers(reason: string): string {
  const known = KNOWN.find((word) => word === reason)
  return t(`proposal.why.${known ?? 'other'}`)
}

/** What became of one's own. */
export function fate({ outcome, decision, at }: Proposal): string {
  if (decision === null) return t('proposal.waits', { when: exactly(at) })
  const said = { who: authorName(decision.by), when: exactly(decision.at), line: decision.line }
  if (outcome === 'included') return t('proposal.includedBy', said)
  return t(decision.line === '' ? 'proposal.declinedBy' : 'proposal.declinedSaying', said)
}

/** Why it was not decided, said to the one who tried. */
export function whyNotDecided(problem: Problem): string {
  if (problem.kind !== 'refused') return problem.title
  if (problem.reason === 'conflict') return t('proposal.tooLate')
  return problem.reason === 'forbidden' ? t('proposal.mayNot') : problem.title
}

/** Why it was not asked for. */
export function whyNotAsked(problem: Problem | 'too-long'): string {
  if (problem === 'too-long') return t('proposal.tooLong')
  if (problem.kind === 'too-many') return t('proposal.tooMany')
  if (problem.kind === 'refused' && problem.reason === 'too-large') return t('proposal.tooLong')
  return problem.kind === 'unreachable' || problem.kind === 'failed' ? t('proposal.notReached', { why: problem.title }) : problem.title
}
