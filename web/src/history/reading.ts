/** Puts a whole history into a past, page by page, without holding the page up. */
import type { Answer, Problem } from '../api'
import { t } from '../i18n'
import type { Edit, Past } from './past'

/** So long the page may do nothing else; less than a frame. */
const SLICE_MS = 12

interface Source {
  /** The edits after one, at most a page of them; none: that was all. */
  readonly after: (seq: number) => Promise<Answer<readonly Edit[]>>
  readonly signal: AbortSignal
  readonly reached: (seq: number) => void
}

/** Read on to the end; null when it is reached, or when nobody wants it any more. The next page comes while one is put in. */
export async function readOn(past: Past, source: Source): Promise<Problem | null> {
  let coming = source.after(past.reached)
  for (;;) {
    const answer = await coming
    if (source.signal.aborted) return null
    if (!answer.ok) return answer.problem
    const last = answer.value.at(-1)
    if (last === undefined) return null
    coming = source.after(last.seq)
    if (!(await takeAll(past, answer.value, source.signal))) {
      return source.signal.aborted ? null : { kind: 'failed', title: t('history.broken') }
    }
    source.reached(past.reached)
  }
}

async function takeAll(past: Past, edits: readonly Edit[], signal: AbortSignal): Promise<boolean> {
  let since = performance.now()
  for (const edit of edits) {
    try {
      past.take(edit)
    } catch {
      return false
    }
    if (performance.now() - since < SLICE_MS) continue
    await nextTurn()
    if (signal.aborted) return false
    since = performance.now()
  }
  return true
}

/** A timer would wait longer each time, and a second each time in a tab that nobody looks at. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(null)
  })
}
