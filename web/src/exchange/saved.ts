/** The record as the server has it: everything up to the newest entry of its journal, and nothing of this page's own. */
import * as Y from 'yjs'
import { type Answer, ask, askBytes } from '../api'
import { number } from '../parse'

export interface Saved {
  readonly doc: Y.Doc
  readonly seq: number
}

export async function fetchSaved(caseId: string, document: string, signal: AbortSignal): Promise<Answer<Saved>> {
  const path = `/api/cases/${encodeURIComponent(caseId)}/documents/${encodeURIComponent(document)}`
  const head = await ask('GET', `${path}/history?after=0&limit=1`, null, (body) => number(body, 'head'))
  if (!head.ok) return head
  const doc = new Y.Doc()
  if (head.value === 0) return { ok: true, value: { doc, seq: 0 } }
  return await askBytes(`${path}/as-of/${head.value}`, signal, (update) => {
    Y.applyUpdate(doc, update)
    return { doc, seq: head.value }
  })
}
