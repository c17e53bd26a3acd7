/** Words that never reached the server, of a case that one may not see any more. */
import * as Y from 'yjs'
import { wordsOf } from '../case/kinds'
import { saysSomething } from '../sync/writing'
import { type Draft, readDraft } from './drafts'
import type { Vault } from './vault'

export interface Orphan {
  /** The case's title, as it was when it could be seen. */
  readonly title: string
  readonly draft: Draft
}

/** Read before the copies of the case go. */
export async function wordsLeft(vault: Vault, id: string, title: string, at: number): Promise<readonly Orphan[]> {
  const drafts = (await vault.facts(`draft/${id}/`)).map(({ value }) => readDraft(value))
  for (const [document, changes] of await vault.unsaved()) {
    if (changes === 0 || !document.startsWith(`${id}/`)) continue
    const doc = new Y.Doc()
    const pieces = await vault.pieces(document)
    for (const { update } of pieces) Y.applyUpdate(doc, update)
    const own = pieces.filter((piece) => piece.changes > 0).map(({ update }) => update)
    const writing = wordsOf(document).written(doc, own)
    if (saysSomething(writing)) drafts.push({ id: writing.fingerprint, case: id, at, reason: 'no-access', title: '', writing })
  }
  return drafts.map((draft) => ({ title, draft: { ...draft, reason: 'no-access' } }))
}
