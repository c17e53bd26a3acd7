/** What one person took away, in case they put it in again: cut and pasted, dragged, split, or taken back by undo. */
import { type Letters, slice, type Stretch } from './stretches'

/**
 * A part of what was taken away is known again by so many letters: three words or so, which nobody happens to write the same.
 * Shorter ones ("of the ", "mg daily") are in any two sentences about one patient.
 */
export const SURE = 16

/** All of what an edit took away is known again by fewer: it was put in just as it was, in one go. "5 mg" has four. */
export const LEAST = 4

/** Each so many letters are known by the first few of them: any `SURE` letters hold the beginning of such a place. */
const STEP = 4
const KEY = SURE - STEP + 1

/** Of several places that begin alike the newest are looked at: a text of one letter has no end of them. */
const ALIKE = 4

/** Of each person, the newest so many letters; what they took away before is forgotten. Arbitrary: a whole record and more. */
const MOST_LETTERS = 400_000

export interface Match {
  /** Where it stands in what was asked for. */
  readonly at: number
  readonly letters: readonly Letters[]
  readonly length: number
}

interface Place {
  readonly cut: Stretch
  readonly at: number
}

/** `isFree`: whether none of these letters was put in again yet. Each is, once at most: what is there twice was copied. */
export class Cuts {
  #all: Stretch[] = []
  /** So many of them can be found by their parts; the others were not asked about yet. */
  #indexed = 0
  #letters = 0
  readonly #whole = new Map<string, Stretch[]>()
  readonly #places = new Map<string, Place[]>()
  readonly #isFree: (letters: readonly Letters[]) => boolean

  constructor(isFree: (letters: readonly Letters[]) => boolean) {
    this.#isFree = isFree
  }

  add(cut: Stretch): void {
    if (cut.text.length < LEAST || cut.text.length > MOST_LETTERS / 2) return
    this.#all.push(cut)
    this.#letters += cut.text.length
    keep(this.#whole, cut.text, cut)
    if (this.#letters > MOST_LETTERS) this.#forget()
  }

  /** The newest one that says exactly this. */
  whole(text: string): readonly Letters[] | null {
    return this.#whole.get(text)?.findLast(({ letters }) => this.#isFree(letters))?.letters ?? null
  }

  /**
   * The longest one around `at`, not before `from`; null where there is none that is long enough. `effort`: how many letters may
   * still be compared. Whoever fills a record with one letter must not hold up those who ask who wrote it.
   */
  part(text: string, at: number, from: number, effort: { left: number }): Match | null {
    this.#index()
    let best: Match | null = null
    for (const place of this.#places.get(text.slice(at, at + KEY)) ?? []) {
      if (effort.left <= 0) break
      const match = grown(text, at, from, place)
      effort.left -= match.length
      if (match.length >= SURE && match.length > (best?.length ?? 0) && this.#isFree(match.letters)) best = match
    }
    return best
  }

  /** Most come back as a whole, in the same edit, and need not be found by their parts. */
  #index(): void {
    for (; this.#indexed < this.#all.length; this.#indexed++) {
      const cut = this.#all[this.#indexed]
      if (cut === undefined || !this.#isFree(cut.letters)) continue
      for (let at = 0; at + KEY <= cut.text.length; at += STEP) keep(this.#places, cut.text.slice(at, at + KEY), { cut, at })
    }
  }

  /** The older half goes: in the long run each letter is looked at twice. */
  #forget(): void {
    this.#letters = 0
    const first = this.#all.findLastIndex(({ text }) => (this.#letters += text.length) > MOST_LETTERS / 2)
    this.#all = this.#all.slice(first)
    this.#whole.clear()
    this.#places.clear()
    this.#indexed = 0
    for (const cut of this.#all) keep(this.#whole, cut.text, cut)
  }
}

function keep<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const held = lists.get(key)
  if (held === undefined) lists.set(key, [value])
  else {
    if (held.length === ALIKE) held.shift()
    held.push(value)
  }
}

/** As far as both say the same, to both sides. */
function grown(text: string, at: number, from: number, place: Place): Match {
  const { cut } = place
  let [start, end] = [0, KEY]
  while (at + start > from && place.at + start > 0 && text[at + start - 1] === cut.text[place.at + start - 1]) start--
  while (at + end < text.length && place.at + end < cut.text.length && text[at + end] === cut.text[place.at + end]) end++
  return { at: at + start, letters: slice(cut.letters, place.at + start, end - start), length: end - start }
}
