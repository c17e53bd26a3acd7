/** A sign-out without a network is carried out as soon as the server can be reached. */
const SIGN_OUT_LATER = 'consilium.signOut'

/** Whether an earlier sign-out still has to reach the server. */
export function owesSignOut(): boolean {
  return localStorage.getItem(SIGN_OUT_LATER) !== null
}

export function oweSignOut(owes: boolean): void {
  if (owes) localStorage.setItem(SIGN_OUT_LATER, '1')
  else localStorage.removeItem(SIGN_OUT_LATER)
}
