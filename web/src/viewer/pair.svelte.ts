/** Two that are looked at beside each other: what is done to one is done to the other, for as long as they are linked. */
import { Film } from './film.svelte'
import { within } from './filmTime'
import type { Size } from './geometry'
import { dicomOf, Looking } from './looking.svelte'
import { type Kinship, areAlike, followed, kinshipOf, type Lying, lyingOf, nearest, type Placed, turnedRound } from './pairing'
import { PhotoLooking } from './photo.svelte'
import type { Step } from './series'
import type { Viewing } from './viewing.svelte'

/** What has a view, and the window that it is seen in. */
export interface Side {
  readonly it: Looking | PhotoLooking | Film
  readonly window: () => Size
}

export type SideName = 'first' | 'second'

export function sideOf(it: Viewing, window: () => Size): Side | null {
  return it instanceof Looking || it instanceof PhotoLooking || it instanceof Film ? { it, window } : null
}

/** What of the one that leads is carried over. */
interface Seen {
  readonly lies: readonly unknown[]
  readonly runs: readonly unknown[]
  readonly window: readonly unknown[]
}

export class Pair {
  readonly #sides: Readonly<Record<SideName, Side>>
  readonly #unit: Readonly<Record<SideName, number>>
  #kinship: Kinship | null = null
  /** The second's picture, or second, less the first's. */
  #offset = 0
  /** What was last seen of the one that leads: only what changes is carried over. */
  #seen: Seen | null = null
  #leader: SideName | null = null

  constructor(first: Side, second: Side) {
    this.#sides = { first, second }
    const [one, other] = [spacingOf(first), spacingOf(second)]
    this.#unit = one !== null && other !== null ? { first: one, second: other } : { first: 1 / first.it.picture.width, second: 1 / second.it.picture.width }
  }

  /** By what pictures of two series or films find each other; null: they are no two of them. */
  get by(): 'place' | 'number' | 'time' | null {
    const [first, second] = [this.#sides.first.it, this.#sides.second.it]
    if (first instanceof Film && second instanceof Film) return 'time'
    if (!(first instanceof Looking && second instanceof Looking) || first.steps.length + second.steps.length === 2) return null
    return areAlike(lying(first.step), lying(second.step)) ? 'place' : 'number'
  }

  /** Whether what one is windowed by means the same in the other. */
  get canShareWindow(): boolean {
    const [first, second] = [this.#sides.first.it, this.#sides.second.it]
    if (first instanceof PhotoLooking) return second instanceof PhotoLooking
    return first instanceof Looking && second instanceof Looking && first.values !== null && first.values.unit === second.values?.unit
  }

  /** As they stand to each other now. */
  link(): void {
    this.place()
    const [one, other] = [this.#sides.first.it, this.#sides.second.it]
    if (one instanceof Looking && other instanceof Looking) this.#offset = other.at - one.at
    else if (one instanceof Film && other instanceof Film) this.#offset = other.shownAt - one.shownAt
  }

  /** As they lie to each other now: in windows of another size they do anew. */
  place(): void {
    this.#kinship = kinshipOf(this.#placed('first'), this.#placed('second'))
  }

  /** What was done to `leader` is done to the other. What it reads of the leader is watched. */
  carry(leader: SideName, withWindow: boolean): void {
    const [one, other] = [this.#sides[leader].it, this.#sides[otherOf(leader)].it]
    const seen: Seen = {
      lies: [one.view, one instanceof Looking ? one.at : 0],
      runs: one instanceof Film ? [one.shownAt, one.isPlaying, one.speed] : [],
      window: withWindow ? windowOf(one) : [],
    }
    const before = this.#leader === leader ? this.#seen : null
    this.#leader = leader
    this.#seen = seen
    if (before === null || this.#kinship === null) return
    if (!areSame(before.runs, seen.runs) && one instanceof Film && other instanceof Film) this.#run(leader, one, other)
    if (areSame(before.lies, seen.lies) && areSame(before.window, seen.window)) return
    if (one instanceof Looking && other instanceof Looking) this.#scroll(leader, one, other)
    const kinship = leader === 'first' ? this.#kinship : turnedRound(this.#kinship)
    other.view = followed(this.#placed(leader), kinship, this.#placed(otherOf(leader)))
    if (!withWindow) return
    if (one instanceof Looking && other instanceof Looking) {
      other.window = one.window
      other.table = null
      other.isInverted = one.isInverted
    } else if (one instanceof PhotoLooking && other instanceof PhotoLooking) {
      other.brightness = one.brightness
      other.contrast = one.contrast
    }
  }

  #scroll(leader: SideName, one: Looking, other: Looking): void {
    const place = lying(one.step)
    const found = place === null ? null : nearest(place, other.steps.map(lying))
    other.go(found ?? one.at + this.#offsetFrom(leader))
  }

  #run(leader: SideName, one: Film, other: Film): void {
    other.setSpeed(one.speed)
    other.keepUp(within(one.shownAt + this.#offsetFrom(leader), other.rate), one.isPlaying)
  }

  #offsetFrom(leader: SideName): number {
    return leader === 'first' ? this.#offset : -this.#offset
  }

  #placed(name: SideName): Placed {
    const { it, window } = this.#sides[name]
    return { view: it.view, picture: it.picture, window: window(), unit: this.#unit[name] }
  }
}

const areSame = (one: readonly unknown[], other: readonly unknown[]): boolean => one.length === other.length && one.every((each, at) => each === other[at])

export const otherOf = (side: SideName): SideName => (side === 'first' ? 'second' : 'first')

function lying(step: Step | null): Lying | null {
  const picture = dicomOf(step)
  return picture === null || step === null ? null : lyingOf(picture, picture.frames[step.frame]?.slice ?? picture.slice)
}

/** Millimetres of a width of a pixel; null where nobody calibrated it for the body. */
function spacingOf({ it }: Side): number | null {
  const spacing = it instanceof Looking ? it.shown?.spacing : null
  return spacing?.from === 'pixel-spacing' ? spacing.column : null
}

function windowOf(it: Side['it']): readonly unknown[] {
  if (it instanceof Looking) return [it.window, it.isInverted]
  return it instanceof PhotoLooking ? [it.brightness, it.contrast] : []
}
