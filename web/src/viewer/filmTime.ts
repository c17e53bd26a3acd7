/** Arithmetic of a film's time, in seconds: which frame is shown when, and where a loop goes on. */

/** How fast a film can run; the first is as it was taken. */
export const SPEEDS: readonly number[] = [1, 0.1, 0.25, 0.5, 1.5, 2, 4]
/** Where nobody knows how many frames a second has, a step is as long as one of 25. */
const USUAL_RATE = 25
/** Between two of a stream's clocks: finer than any frame is short. */
const CLOCKS_APART = 0.0005

/** A part that is shown again and again. */
export interface Loop {
  readonly from: number
  readonly to: number
}

/** How long a step is; `rate` in frames a second, null where it is not known. */
export const stepSeconds = (rate: number | null): number => 1 / (rate ?? USUAL_RATE)

/**
 * Where to go to see the frame `by` frames after the one that began at `shownAt`: into its middle, since a stream's
 * clock is not exact, and whoever seeks to the beginning of a frame may be shown the one before. Null: there is none.
 */
export function stepped(shownAt: number, by: number, rate: number | null, duration: number): number | null {
  const one = stepSeconds(rate)
  if (by < 0 && shownAt + (by + 1) * one <= CLOCKS_APART) return shownAt > CLOCKS_APART ? 0 : null
  if (by > 0 && shownAt + one >= duration - CLOCKS_APART) return null
  return Math.min(Math.max(shownAt + (by + 0.5) * one, 0), Math.max(shownAt, duration - one / 2))
}

/**
 * When the frame began that stands at `seconds`: what was shown last, unless a seek is on its way, or the frame is longer
 * than most of the film's; then as if a seek had led into its middle, so that the next step leads farther.
 */
export function beginOf(shownAt: number, seconds: number, rate: number | null): number {
  const one = stepSeconds(rate)
  const isShown = seconds > shownAt - CLOCKS_APART && seconds < shownAt + one
  return isShown ? shownAt : Math.max(0, seconds - one / 2)
}

/** A time that is surely within the frame that began at `shownAt`: what links and marks say. */
export const within = (shownAt: number, rate: number | null): number => shownAt + (rate === null ? 2 * CLOCKS_APART : 0.5 / rate)

/** From 1, as people count. */
export const frameNumber = (shownAt: number, rate: number): number => Math.floor(shownAt * rate + 0.5) + 1

/** Which frame holds a time that is surely within it, from 0. */
export const frameOf = (seconds: number, rate: number | null): number => Math.floor(seconds / stepSeconds(rate))

/** Where it goes on instead; null: on as it is. */
export function loopedTo(seconds: number, loop: Loop | null): number | null {
  if (loop === null) return null
  return seconds < loop.from - CLOCKS_APART || seconds >= loop.to ? loop.from : null
}

/**
 * In how many seconds of the film a loop turns round: in the middle of its last frame, since that stands until a seek is
 * done, and what comes after it is not to be seen.
 */
export const untilTurn = (seconds: number, loop: Loop, rate: number | null): number => Math.max(0, loop.to - stepSeconds(rate) / 2 - seconds)

/** The loop begins here. One that had ended before ends with the film now. */
export function loopFrom(loop: Loop | null, seconds: number, duration: number): Loop | null {
  const to = loop === null || loop.to <= seconds ? duration : loop.to
  return to > seconds ? { from: seconds, to } : null
}

/** The loop ends here. One that had begun later begins with the film now. */
export function loopTo(loop: Loop | null, seconds: number): Loop | null {
  const from = loop === null || loop.from >= seconds ? 0 : loop.from
  return seconds > from ? { from, to: seconds } : null
}
