/** Why the server did not do something, in the reader's language. Its own sentence is English: it stands in for what came later. */
import { isSaid, t } from './i18n'
import type en from './i18n/en.json'

type Reason = keyof typeof en.problem

function isKnown(reason: string): reason is Reason {
  return isSaid(`problem.${reason}`)
}

/** As above, and for what the server itself did not foresee the name by which an operator finds it in the log. */
export function sayFailure(reason: string | null, title: string | null, request: string | null): string {
  const said = sayProblem(reason, title)
  return request === null || reason !== 'consilium-error' ? said : t('app.failure', { said, request })
}

/** `reason` is the machine's word of docs/errors.md, `title` what the server said. */
export function sayProblem(reason: string | null, title: string | null): string {
  if (reason !== null && isKnown(reason)) return t(`problem.${reason}`)
  return title ?? t('problem.consilium-error')
}
