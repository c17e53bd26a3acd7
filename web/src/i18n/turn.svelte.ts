/** Lets the page notice that another language is spoken: whatever read the turn while rendering renders again. */

let turn = $state(0)

export function readTurn(): void {
  void turn
}

export function nextTurn(): void {
  turn += 1
}
