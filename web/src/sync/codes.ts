/** What the page does when the socket closes: the server's closing codes, in one table. Source: docs/errors.md. */

export type Duty =
  | 'return-now' // come back at once and be judged again
  | 'return' // come back after the usual pause
  | 'ask' // ask the case's page of the API what is still allowed
  | 'sign-in'
  | 'leave'
  | 'reload' // the case changed; it may continue under a new document name
  | 'stop'; // coming back unchanged would fail again

/** Try again later (RFC 6455's registry): the server has too much to do, or we were too slow for it. */
export const BUSY = 1013

const DUTIES: ReadonlyMap<number, Duty> = new Map([
  [1009, 'stop'],
  [1011, 'return'],
  [1012, 'return'],
  [1013, 'return'],
  [4205, 'return-now'],
  [4400, 'stop'],
  [4401, 'sign-in'],
  [4403, 'ask'],
  [4404, 'leave'],
  [4408, 'return'],
  [4409, 'reload'],
  [4429, 'return'],
])

/** The duty for a code; for codes nobody wrote down, 4400-4499 mean "do not come back unchanged". */
export function dutyOf(code: number): Duty {
  return DUTIES.get(code) ?? (code >= 4400 && code <= 4499 ? 'ask' : 'return')
}
