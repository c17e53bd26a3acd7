/** Has a file made of a report: in a worker where that takes time, and given up when nobody waits for it any more. */
import { markdownReport } from './markdownReport'
import type { Format, Report } from './report'

export interface Made {
  readonly blob: Blob
  /** Letters that stand as empty boxes in it. */
  readonly missing: readonly string[]
}

const TYPES: Readonly<Record<Format, string>> = {
  pdf: 'application/pdf',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  md: 'text/markdown;charset=utf-8',
}

/** Null: it could not be made. Rejects with an AbortError when it was given up. */
export async function make(report: Report, format: Format, signal: AbortSignal): Promise<Made | null> {
  if (format === 'md') return { blob: new Blob([markdownReport(report)], { type: TYPES.md }), missing: [] }
  const made = await inWorker(workerFor(format), report, signal)
  return made === null ? null : { blob: new Blob([made.bytes], { type: TYPES[format] }), missing: made.missing }
}

function workerFor(format: 'pdf' | 'docx'): Worker {
  return format === 'pdf'
    ? new Worker(new URL('./makePdf.worker.ts', import.meta.url), { type: 'module' })
    : new Worker(new URL('./makeWord.worker.ts', import.meta.url), { type: 'module' })
}

interface Bytes {
  readonly bytes: ArrayBuffer
  readonly missing: readonly string[]
}

function inWorker(worker: Worker, report: Report, signal: AbortSignal): Promise<Bytes | null> {
  return new Promise<Bytes | null>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new DOMException('given up', 'AbortError')), { once: true })
    worker.addEventListener('error', () => resolve(null)) // it did not come, or died
    worker.addEventListener('message', (event: MessageEvent<Bytes | null>) => resolve(event.data))
    worker.postMessage(report)
  }).finally(() => worker.terminate())
}
