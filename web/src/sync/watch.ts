/**
 * Watches over a link by two clocks. The provider's own check reads the wall clock: set back by an hour, it would trust a
 * dead link for that hour; and a laptop that slept comes back with a link that only looks alive.
 */

/** The server speaks more often than this (its keepalive); after so long a silence we ask. */
export const SILENCE_MS = 15_000

/** An answer to our question comes within this, or the link is dead. */
export const ANSWER_MS = 5_000

/** A tick later than this was slept through, or the tab was throttled: the silence before it says nothing. */
export const NAP_MS = 4_000

/** The wall clock was set, rather than drifting. */
export const JUMP_MS = 5_000

/** A try to connect that has neither come nor failed by now is given up for a fresh one. */
export const ATTEMPT_MS = 12_000

const TICK_MS = 1_000

export interface Watched {
  /** A clock that never jumps, and the one on the wall; milliseconds. */
  readonly now: () => number
  readonly wall: () => number
  readonly link: () => 'open' | 'wanted' | 'unwanted'
  /** Say something that the server answers. */
  probe(): void
  /** The link is dead: close it and open another. */
  drop(): void
  /** Try to connect afresh. */
  retry(): void
}

export interface Watch {
  /** The server said something. */
  heard(): void
  /** A try to connect began. */
  attempted(): void
  stop(): void
}

export function watchLink(watched: Watched): Watch {
  let tickedAt = watched.now()
  let wallAt = watched.wall()
  let heardAt = tickedAt
  let attemptedAt = tickedAt
  let probedAt: number | null = null

  const probe = (now: number): void => {
    probedAt ??= now
    watched.probe()
  }

  const tick = (): void => {
    const [now, wall] = [watched.now(), watched.wall()]
    const [passed, wallPassed] = [now - tickedAt, wall - wallAt]
    tickedAt = now
    wallAt = wall
    const napped = passed > NAP_MS || wallPassed > NAP_MS
    const jumped = Math.abs(wallPassed - passed) > JUMP_MS
    switch (watched.link()) {
      case 'unwanted':
        return
      case 'wanted':
        if (now - attemptedAt > ATTEMPT_MS || napped) watched.retry()
        return
      case 'open':
        if (probedAt !== null && !napped && now - probedAt > ANSWER_MS) {
          probedAt = null
          heardAt = now
          watched.drop()
        } else if (napped || jumped) {
          probedAt = null
          probe(now)
        } else if (now - heardAt > SILENCE_MS && probedAt === null) probe(now)
    }
  }
  const timer = setInterval(tick, TICK_MS)

  return {
    heard() {
      heardAt = watched.now()
      probedAt = null
    },
    attempted() {
      heardAt = attemptedAt = watched.now()
      probedAt = null
    },
    stop: () => clearInterval(timer),
  }
}
