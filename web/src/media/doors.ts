/** The browser's side of `Doors`. */
import { beginUploads, completeUpload, dropUpload, signParts } from './api'
import { putByXhr } from './put'
import type { Doors } from './sending'
import { wait } from './waiting'

export function browserDoors(tells: Pick<Doors, 'changed' | 'went' | 'arrived'>): Doors {
  return {
    ...tells,
    begin: beginUploads,
    sign: signParts,
    complete: completeUpload,
    drop: dropUpload,
    put: putByXhr,
    alone,
    isOnline: () => navigator.onLine,
    whenOnline,
    now: () => performance.now(),
    wall: () => Date.now(),
    random: () => Math.random(),
    wait,
  }
}

/** By a lock of the browser, which goes with its tab; where there is none, every tab sends for itself. */
export async function alone(name: string, stop: AbortSignal, elsewhere: () => void, run: () => Promise<void>): Promise<void> {
  if (navigator.locks === undefined) return run()
  const isDone = await navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
    if (lock === null) return false
    await run()
    return true
  })
  if (isDone) return
  elsewhere()
  await navigator.locks.request(name, { signal: stop }, run)
}

function whenOnline(stop: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      removeEventListener('online', come)
      reject(stop.reason as Error)
    }
    const come = (): void => {
      stop.removeEventListener('abort', leave)
      resolve()
    }
    addEventListener('online', come, { once: true })
    stop.addEventListener('abort', leave, { once: true })
  })
}
