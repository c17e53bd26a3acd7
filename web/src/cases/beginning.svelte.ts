/** Whether the form that opens a case is on the page: it can be asked for from everywhere, and is there once. */

let asked = $state(false)

export function isBeginning(): boolean {
  return asked
}

export function begin(wanted = true): void {
  asked = wanted
}
