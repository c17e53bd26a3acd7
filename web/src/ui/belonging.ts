/** Which case a dialog belongs to, so that it wears the case's mark: two open cases are never mixed up. */
import { getContext, setContext } from 'svelte'

const KEY = Symbol('case')

/** Called while the case's page is made; holds for all that stands inside. */
export function belongTo(caseId: string): void {
  setContext(KEY, caseId)
}

export function belongsTo(): string | null {
  return getContext<string | undefined>(KEY) ?? null
}
