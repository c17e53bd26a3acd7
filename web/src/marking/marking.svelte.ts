/** The marks of one medium as one person has them before them: which are shown, which is chosen, what is being drawn or moved. */
import { type Annotation, type Author, isOpenTo, type Marked, POINTS, type Shape, type Spot } from '../annotations/annotation'
import { type Affine, distance, inverse, mapped, type Point } from '../viewer/geometry'
import type { Claim, Press } from '../viewer/gestures'
import { begun, canEnd, type Draft, type Drawing, ended, isOpenEnded, set, withNext, withoutLast } from './draft'
import type { Ground } from './ground'
import { hit, hitPoint, LEEWAY } from './hitting'
import { clamped, type Grip, heldAt, movedBy } from './moving'
import { simplified } from './outline'
import { allGripAt, shownGrips } from './grips'

/** In CSS pixels: less is a hand that trembles, no drag. */
const DRAG_FROM = 5
/** Between two points of a line drawn by hand, and how far it may be off what is kept. */
const HAND_STEP = 2
const HAND_WITHIN = 0.75

/** A chosen mark as it would be if it were let go now. */
interface Held {
  readonly id: string
  readonly grip: Grip
  readonly points: readonly Point[]
}

export class Marking {
  readonly ground: Ground
  readonly me: Pick<Author, 'id' | 'role'>
  readonly #marked: () => Marked | null
  draft = $state.raw<Draft | null>(null)
  /** Of the draft: where its next point would be while a button or a finger is down. */
  #dragged = $state.raw<Point | null>(null)
  /** Moved by keys, in the picture; null: the hand's pointer counts. */
  crosshair = $state.raw<Point | null>(null)
  selected = $state<string | null>(null)
  held = $state.raw<Held | null>(null)
  /** Picked up by a click or a tap, to be put down by another. */
  #isPickedUp = $state(false)
  areShown = $state(true)
  hidden = $state.raw<ReadonlySet<string>>(new Set())
  /** Told to those who do not see it. */
  said = $state('')
  /** The mark that was drawn last, until something else is done. */
  made = $state<string | null>(null)
  /** The mark that waits for words, until its field has the focus. */
  wantsWords = $state<string | null>(null)
  /** Whoever wrote is done with it: the picture is to have the keys. */
  wantsKeys = $state(false)
  /** Somebody else removed or locked a mark while its label was being written here: what had been written. */
  interrupted = $state.raw<{ readonly label: string; readonly isKept: boolean } | null>(null)
  /** How the draft's last point was set: fingers and pens have no keyboard, and none is to come unasked. */
  #isByMouse = true

  constructor(ground: Ground, marked: () => Marked | null, me: Pick<Author, 'id' | 'role'>) {
    this.ground = ground
    this.#marked = marked
    this.me = me
  }

  readonly marked = $derived.by(() => this.#marked())
  readonly mayMark = $derived.by(() => this.marked?.mayMark === true)
  /** All of the medium, in the order in which they were made: what stands first is number 1, for good. */
  readonly all: readonly Annotation[] = $derived.by(() => this.marked?.of(this.ground.media) ?? [])
  readonly numbers: ReadonlyMap<string, number> = $derived.by(() => new Map(this.all.map(({ id }, at) => [id, at + 1])))
  readonly listed = $derived.by(() => this.all.filter(({ isRemoved }) => !isRemoved))
  readonly removed = $derived.by(() => this.all.filter(({ isRemoved }) => isRemoved))
  readonly #place = $derived.by(() => this.ground.at(this.ground.spot))
  readonly #unhidden = $derived.by(() => {
    if (!this.areShown) return []
    return this.listed.filter(({ spot, by }) => !this.hidden.has(by.id) && this.isHere(spot))
  })
  /** What lies on the picture that is shown; the chosen one whether it is hidden or not. */
  readonly here = $derived.by(() => {
    const chosen = this.listed.find(({ id }) => id === this.selected)
    return chosen === undefined || !this.isHere(chosen.spot) || this.#unhidden.includes(chosen) ? this.#unhidden : [...this.#unhidden, chosen]
  })
  readonly chosen: Annotation | null = $derived.by(() => this.listed.find(({ id }) => id === this.selected) ?? null)
  readonly authors = $derived.by(() => [...new Map(this.listed.map(({ by }) => [by.id, by])).values()])
  readonly tool: Shape | null = $derived.by(() => this.draft?.shape ?? null)
  readonly canEnd = $derived.by(() => this.draft !== null && canEnd(this.draft))
  readonly isHolding = $derived.by(() => this.#isPickedUp)
  /** As it stands with a point where the hand or the crosshair is. */
  readonly drawn: readonly Point[] = $derived.by(() => {
    if (this.draft === null) return []
    const next = this.#dragged ?? this.crosshair ?? this.ground.pointer
    return withNext(this.draft, next === null ? null : clamped(next, this.ground.picture))
  })
  /** The chosen mark's points, moved ones where they would be. */
  readonly chosenPoints: readonly Point[] = $derived.by(() => {
    const { chosen, held, ground } = this
    if (chosen === null || held?.id !== chosen.id) return chosen?.points ?? []
    if (!this.#isPickedUp || ground.pointer === null) return held.points
    return movedBy(chosen, held.grip, byHand(chosen, held.grip, ground.pointer), ground.picture)
  })

  isHere(spot: Spot): boolean {
    return this.ground.at(spot) === this.#place
  }

  mayChange(mark: Annotation): boolean {
    return this.mayMark && isOpenTo(mark, this.me)
  }

  /** Whoever leads the case may, too: what somebody locked who left would stay as it is. */
  mayLock({ by }: Annotation): boolean {
    return this.mayMark && (by.id === this.me.id || this.me.role === 'lead')
  }

  /** Goes to the picture that it is on. */
  choose(id: string | null): void {
    this.letGo()
    this.selected = id
    this.made = null
    this.wantsWords = null
    const { chosen } = this
    if (chosen === null || this.isHere(chosen.spot)) return
    this.ground.go(chosen.spot)
  }

  hide(person: string, isHidden: boolean): void {
    const changed = new Set(this.hidden)
    if (isHidden) changed.add(person)
    else changed.delete(person)
    this.hidden = changed
  }

  /** Null: nothing is drawn any more. */
  draw(shape: Shape | null): void {
    if (shape !== null && !this.mayMark) return
    this.letGo()
    this.draft = shape === null ? null : begun(shape)
    this.#dragged = null
    this.crosshair = null
    this.#isByMouse = true
    if (shape === null) return
    this.selected = null
    this.made = null
    this.wantsWords = null
    this.areShown = true
  }

  /** One point more; `placed` tells how near is the same place. */
  setPoint(at: Point, placed: Affine): void {
    const { draft } = this
    if (draft === null) return
    const reach = DRAG_FROM / scaleOf(placed)
    this.#take(set(draft, clamped(at, this.ground.picture), reach))
  }

  end(): void {
    if (this.draft !== null) this.#take(ended(this.draft))
  }

  /** The last point is not set; without one, nothing is drawn any more. */
  stepBack(): void {
    if (this.draft === null) return
    if (this.draft.points.length === 0) this.draw(null)
    else this.draft = withoutLast(this.draft)
  }

  #take(drawing: Drawing): void {
    this.#dragged = null
    if (drawing.is === 'going on') this.draft = drawing.draft
    else this.#finish(drawing.points)
  }

  #finish(points: readonly Point[]): void {
    const { draft, marked, ground } = this
    if (draft === null || marked === null) return
    const hasKeyboard = this.crosshair !== null || this.#isByMouse
    this.draw(null)
    const id = marked.add({ media: ground.media, spot: ground.spot, shape: draft.shape, points, label: '', code: null })
    this.selected = id
    this.made = id
    if (hasKeyboard) this.wantsWords = id
  }

  /** What a button or a finger that goes down is for. */
  claim(at: Point, { button, isTouch, isMouse }: Press, placed: Affine): Claim | null {
    if (button !== 0) return null
    const leeway = isTouch ? LEEWAY.touch : LEEWAY.mouse
    if (this.draft !== null) {
      this.#isByMouse = isMouse
      return this.#drawing(at, placed)
    }
    if (this.#isPickedUp) return this.#puttingDown(placed)
    const grip = this.#gripAt(at, placed, leeway)
    if (grip !== null) return this.#moving(grip, at, placed)
    const found = hit(this.here, placed, at, leeway)
    if (found === null && this.selected === null) return null
    return {
      move: (to) => distance(at, to) < DRAG_FROM,
      up: () => this.choose(found?.id ?? null),
      cancel: () => undefined,
    }
  }

  /** A point is set when the hand is let go: until then a second finger may come, and then the first meant no point. */
  #drawing(at: Point, placed: Affine): Claim {
    const there = (point: Point): Point => clamped(mapped(inverse(placed), point), this.ground.picture)
    const before = this.draft
    this.crosshair = null
    this.#dragged = there(at)
    let [isDrag, last] = [false, at]
    let hand: readonly Point[] = []
    return {
      move: (to) => {
        if (this.draft === null) return true
        if (!isDrag && distance(at, to) > DRAG_FROM) {
          isDrag = true
          if (this.draft.shape === 'freehand' && this.draft.points.length === 0) hand = [there(at)]
          else this.#setStart(there(at), placed)
        }
        if (hand.length > 0 && distance(last, to) >= HAND_STEP) {
          ;[last, hand] = [to, [...hand, there(to)]]
          this.draft = { shape: 'freehand', points: hand }
        }
        this.#dragged = there(to)
        return true
      },
      up: (to) => {
        this.#dragged = null
        if (hand.length > 1) this.#finish(simplified(hand, HAND_WITHIN / scaleOf(placed), POINTS.freehand.most))
        else this.setPoint(there(to), placed)
      },
      cancel: () => {
        this.#dragged = null
        if (this.draft !== null) this.draft = before
      },
    }
  }

  /** Where a drag begins is a point, too, if there is room for two, and if it does not go on from the one before. */
  #setStart(at: Point, placed: Affine): void {
    const { draft } = this
    const last = draft?.points.at(-1)
    if (draft === null || draft.points.length + 2 > POINTS[draft.shape].most) return
    if (isOpenEnded(draft.shape) && last !== undefined && distance(last, at) <= DRAG_FROM / scaleOf(placed)) return
    this.setPoint(at, placed)
  }

  #moving(grip: Grip, at: Point, placed: Affine): Claim {
    const back = inverse(placed)
    const from = mapped(back, at)
    const { chosen } = this
    let isDrag = false
    const show = (to: Point): void => {
      if (chosen === null) return
      const there = mapped(back, to)
      this.held = { id: chosen.id, grip, points: movedBy(chosen, grip, { x: there.x - from.x, y: there.y - from.y }, this.ground.picture) }
    }
    return {
      move: (to) => {
        isDrag ||= distance(at, to) > DRAG_FROM
        if (isDrag) show(to)
        return true
      },
      up: () => (isDrag ? this.putDown() : this.pickUp(grip)),
      cancel: () => this.letGo(),
    }
  }

  #puttingDown(placed: Affine): Claim {
    return {
      move: () => true,
      up: (to) => {
        const { chosen, held } = this
        if (chosen !== null && held !== null) {
          const by = byHand(chosen, held.grip, mapped(inverse(placed), to))
          this.held = { ...held, points: movedBy(chosen, held.grip, by, this.ground.picture) }
        }
        this.#isPickedUp = false
        this.putDown()
      },
      cancel: () => this.letGo(),
    }
  }

  #gripAt(at: Point, placed: Affine, leeway: number): Grip | null {
    const { chosen } = this
    if (chosen === null || !this.here.includes(chosen) || !this.mayChange(chosen)) return null
    const found = hitPoint(shownGrips(chosen, placed), at, leeway + 3)
    if (found !== null) return found
    const all = allGripAt(chosen, placed)
    if (all !== null && distance(all, at) <= leeway + 7) return 'all'
    return hit([chosen], placed, at, leeway) === null ? null : 'all'
  }

  /** Waits for where it is to be: WCAG 2.5.7 wants a way without a drag. */
  pickUp(grip: Grip): void {
    const { chosen } = this
    if (chosen === null || !this.mayChange(chosen)) return
    this.held = { id: chosen.id, grip, points: chosen.points }
    this.#isPickedUp = true
  }

  /** By keys; `putDown` when they are let go. */
  nudge(grip: Grip, by: Point): void {
    const { chosen, ground } = this
    if (chosen === null || !this.mayChange(chosen)) return
    const points = this.held?.id === chosen.id && this.held.grip === grip ? this.held.points : chosen.points
    this.held = { id: chosen.id, grip, points: movedBy({ shape: chosen.shape, points }, grip, by, ground.picture) }
  }

  /** A key is let go: many in a row are one step. What was picked up stays so. */
  putDownNudged(): void {
    if (this.held !== null && !this.#isPickedUp) this.putDown()
  }

  putDown(): void {
    const { chosen, held, marked } = this
    this.letGo()
    if (chosen === null || held?.id !== chosen.id || marked === null) return
    const [from, to] = [heldAt(chosen, held.grip), heldAt({ shape: chosen.shape, points: held.points }, held.grip)]
    if (from === null || to === null || distance(from, to) === 0) return
    if (held.grip === 'all') marked.moveAll(chosen.id, { x: to.x - from.x, y: to.y - from.y })
    else marked.moveHandle(chosen.id, held.grip, to)
  }

  letGo(): void {
    this.held = null
    this.#isPickedUp = false
  }

  /** Other points lie under the hand than a moment ago: what is drawn or moved begins anew, with the same tool. */
  startOver(): void {
    this.letGo()
    if (this.tool !== null) this.draw(this.tool)
  }

  /** What Escape ends, the innermost first; false: there is nothing to end. */
  escape(): boolean {
    if (this.held !== null) this.letGo()
    else if (this.draft !== null && this.draft.points.length > 0) this.draft = begun(this.draft.shape)
    else if (this.draft !== null) this.draw(null)
    else if (this.selected !== null) this.choose(null)
    else return false
    return true
  }

  remove(): void {
    const { chosen, marked } = this
    if (chosen === null || marked === null || !this.mayChange(chosen)) return
    marked.remove(chosen.id)
    this.choose(null)
    this.wantsKeys = true
  }
}

/** What is picked up lies under the hand. */
function byHand(mark: Annotation, grip: Grip, to: Point): Point {
  const from = heldAt(mark, grip) ?? to
  return { x: to.x - from.x, y: to.y - from.y }
}

/** CSS pixels for a pixel's width. */
const scaleOf = ({ a, b }: Affine): number => Math.hypot(a, b)
