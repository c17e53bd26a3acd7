/** Whether keys without Ctrl or Alt do anything: who speaks to the computer, or trembles, can turn them off (WCAG 2.1.4). */

const KEPT_AS = 'consilium.single-keys'

export function singleKeysAreOn(): boolean {
  return localStorage.getItem(KEPT_AS) !== 'off'
}

export function setSingleKeys(on: boolean): void {
  if (on) localStorage.removeItem(KEPT_AS)
  else localStorage.setItem(KEPT_AS, 'off')
}
