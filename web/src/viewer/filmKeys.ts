/** What keys do in a film: arrows as in a series, the rest as players have it. Single letters can be turned off (WCAG 2.1.4). */
import type { Film } from './film.svelte'
import type { Size } from './geometry'
import { photoStepOfKey } from './keys'

export type FilmStep = (film: Film, size: Size) => void

const MANY = 10

const stepBy =
  (by: number): FilmStep =>
  (film) =>
    film.step(by)

const NAMED = new Map<string, FilmStep>([
  ['ArrowUp', stepBy(-1)],
  ['ArrowDown', stepBy(1)],
  ['PageUp', stepBy(-MANY)],
  ['PageDown', stepBy(MANY)],
  ['Home', (film) => film.seek(0)],
  ['End', (film) => film.seek(film.duration)],
  [' ', (film) => film.toggle()],
])

const SINGLE = new Map<string, FilmStep>([
  ['p', (film) => film.toggle()],
  [',', stepBy(-1)],
  ['.', stepBy(1)],
  ['<', (film) => film.shiftSpeed(-1)],
  ['>', (film) => film.shiftSpeed(1)],
  ['[', (film) => film.beginLoop()],
  [']', (film) => film.endLoop()],
  ['Backspace', (film) => void (film.loop = null)],
  ['m', (film) => void (film.isMuted = !film.isMuted)],
])

/** Null: the key is not ours. */
export function filmStepOfKey(key: string, isShifted: boolean, hasSingle: boolean): FilmStep | null {
  const ofView = photoStepOfKey(key, isShifted, hasSingle)
  if (ofView !== null) return (film, size) => void (film.view = ofView(film.view, film.picture, size))
  return NAMED.get(key) ?? (hasSingle ? SINGLE.get(key) : undefined) ?? null
}

/** Whether the key means something to what has the focus: a slider's arrows, the space that presses a button. */
export function isOnControl({ target, key }: KeyboardEvent): boolean {
  if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) return true
  return target instanceof Element && key === ' ' && target.closest('button, a, summary, [role="button"]') !== null
}
