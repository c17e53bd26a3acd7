/** How long the copies on a device may be opened: a set time after the device last reached the server. Pure. */

export interface Lease {
  /** This device's clock when the server last confirmed the sign-in; milliseconds since 1970. */
  readonly contactAt: number
  /** The latest time that this device's clock was seen to show. */
  readonly seenAt: number
  readonly keepMs: number
}

/** Clocks are corrected by seconds; by more than this it was set back. */
export const TOLERANCE_MS = 5 * 60_000

/** `clock`: the device's clock was set back, so nobody can say how much time has passed. The server must be reached first. */
export type Verdict = 'good' | 'over' | 'clock'

export function judge(lease: Lease, now: number): Verdict {
  if (Math.max(now, lease.seenAt) - lease.contactAt >= lease.keepMs) return 'over'
  return now < lease.seenAt - TOLERANCE_MS ? 'clock' : 'good'
}

export function seen(lease: Lease, now: number): Lease {
  return { ...lease, seenAt: Math.max(lease.seenAt, now) }
}

export function renewed(keepMs: number, now: number): Lease {
  return { contactAt: now, seenAt: now, keepMs }
}
