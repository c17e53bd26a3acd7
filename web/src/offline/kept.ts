/** What was kept of the API's answers about cases, read back. */
import { type Case, keptCase } from '../api'
import type { Fact } from './vault'

export interface KeptCase {
  readonly case: Case
  /** When this device last had it from the server. */
  readonly at: number
  /** Edits of its documents that the server has not acknowledged. */
  readonly unsaved: number
}

/** None when an earlier release kept it in another shape. */
export function readKeptCase({ value, at }: Fact, unsaved: ReadonlyMap<string, number>): KeptCase[] {
  try {
    const kept = keptCase(value)
    const counts = [...unsaved].filter(([document]) => document.startsWith(`${kept.id}/`)).map(([, count]) => count)
    return [{ case: kept, at, unsaved: counts.reduce((sum, count) => sum + count, 0) }]
  } catch {
    return []
  }
}
