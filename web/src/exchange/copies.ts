/** Tells the server that a copy of the record is taken along, before it is made: the access log says who did. */
import { type Answer, ask, type Case } from '../api'
import type { Format } from './report'

/** `seq`: the newest entry in it; null: what stands on this page. */
export function tellCopy(opened: Case, format: Format | 'paper', seq: number | null, stop: AbortSignal | null = null): Promise<Answer<null>> {
  const document = encodeURIComponent(opened.documents.get('record') ?? 'record')
  const path = `/api/cases/${encodeURIComponent(opened.id)}/documents/${document}/copies`
  return ask('POST', path, { format, seq }, () => null, stop)
}
