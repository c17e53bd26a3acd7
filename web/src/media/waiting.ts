/** Tries again after a while that grows, a little different for each: a thousand pages must not come back at one instant. */

const FIRST_MS = 500
const LONGEST_MS = 30_000

/** `tries` failed so far, at least one; `random` in [0, 1). Between half and all of the time. */
export function backOff(tries: number, random: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(tries - 1, 10))
  return full / 2 + (full / 2) * random
}

/** Throws when it is given up. */
export function wait(milliseconds: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (stop.aborted) return reject(stop.reason as Error)
    const timer = setTimeout(() => {
      stop.removeEventListener('abort', leave)
      resolve()
    }, milliseconds)
    const leave = (): void => {
      clearTimeout(timer)
      reject(stop.reason as Error)
    }
    stop.addEventListener('abort', leave, { once: true })
  })
}
