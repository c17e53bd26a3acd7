/** Has a Word file read in a worker of its own, which is given up when it takes too long or nobody waits any more. */
import type { WordRead } from './fromWord'

/** A report of a thousand pages takes ten seconds on a slow machine. */
const MOST_MS = 40_000

export function readWordApart(bytes: ArrayBuffer, signal: AbortSignal): Promise<WordRead> {
  const worker = new Worker(new URL('./readWord.worker.ts', import.meta.url), { type: 'module' })
  return new Promise<WordRead>((resolve) => {
    const give = (read: WordRead): void => {
      clearTimeout(timer)
      worker.terminate()
      resolve(read)
    }
    const timer = setTimeout(() => give({ ok: false, why: 'slow' }), MOST_MS)
    signal.addEventListener('abort', () => give({ ok: false, why: 'slow' }), { once: true })
    worker.addEventListener('error', () => give({ ok: false, why: 'broken' }))
    worker.addEventListener('message', (event: MessageEvent<WordRead>) => give(event.data))
    worker.postMessage(bytes, [bytes])
  })
}
