/** What hands do on a picture: dragging, two fingers, the wheel. In pixels of the element, from its left upper corner. */
import type { Attachment } from 'svelte/attachments'
import { distance, type Point } from './geometry'

export interface Drag {
  readonly from: Point
  readonly to: Point
  /** Which button of a mouse: 0 the first, 1 the middle, 2 the second. Fingers have the first. */
  readonly button: number
}

/** A pointer that somebody took before it does anything else, until it is let go. */
export interface Claim {
  /** False: it was taken in error, and goes on as a drag from where it was pressed. */
  move(to: Point): boolean
  up(at: Point): void
  /** A second finger came, or the system took it. */
  cancel(): void
}

export interface Press {
  readonly button: number
  readonly isTouch: boolean
  /** Whoever presses has a keyboard at hand, most likely: no finger, no pen. */
  readonly isMouse: boolean
}

export interface Hands {
  /** Asked first when one finger or a button goes down. */
  claim?(at: Point, press: Press): Claim | null
  /** Again and again while it lasts; each tells where the one before ended. */
  drag(drag: Drag): void
  /** Two fingers: how much farther apart they are than a moment ago, and where their middle was and is. */
  pinch(factor: number, from: Point, to: Point): void
  /** Notches, towards oneself positive; a touchpad's are parts of one. */
  wheel(notches: number, at: Point, isZoom: boolean): void
  /** Nothing is pressed. Null: it left. */
  hover(at: Point | null): void
}

/** What one notch of a mouse's wheel sends, about. */
const NOTCH_PIXELS = 100
const LINE_PIXELS = 33

export function gestures(hands: Hands): Attachment<HTMLElement> {
  return (element) => {
    const held = new Map<number, Point>()
    let button = 0
    let claim: Claim | null = null

    const placeOf = (event: MouseEvent): Point => {
      const box = element.getBoundingClientRect()
      return { x: event.clientX - box.left, y: event.clientY - box.top }
    }

    const down = (event: PointerEvent): void => {
      if (held.size >= 2) return
      element.setPointerCapture(event.pointerId)
      const at = placeOf(event)
      if (held.size === 0) {
        button = event.button
        claim = hands.claim?.(at, { button, isTouch: event.pointerType === 'touch', isMouse: event.pointerType === 'mouse' }) ?? null
      } else giveUp()
      held.set(event.pointerId, at)
    }

    const move = (event: PointerEvent): void => {
      const [from, to] = [held.get(event.pointerId), placeOf(event)]
      if (from === undefined) return hands.hover(to)
      if (claim !== null) {
        if (claim.move(to)) return
        claim = null
      }
      const other = [...held].find(([id]) => id !== event.pointerId)?.[1]
      held.set(event.pointerId, to)
      if (other === undefined) hands.drag({ from, to, button })
      else hands.pinch(distance(to, other) / Math.max(1, distance(from, other)), middle(from, other), middle(to, other))
    }

    const up = (event: PointerEvent): void => {
      if (!held.delete(event.pointerId)) return
      if (event.type === 'pointercancel') return giveUp()
      const done = claim
      claim = null
      done?.up(placeOf(event))
    }

    const giveUp = (): void => {
      claim?.cancel()
      claim = null
    }

    const wheel = (event: WheelEvent): void => {
      event.preventDefault()
      const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * LINE_PIXELS : event.deltaY
      hands.wheel(pixels / NOTCH_PIXELS, placeOf(event), event.ctrlKey || event.metaKey)
    }

    const leave = (): void => hands.hover(null)
    const calm = (event: Event): void => event.preventDefault()

    element.addEventListener('pointerdown', down)
    element.addEventListener('pointermove', move)
    element.addEventListener('pointerup', up)
    element.addEventListener('pointercancel', up)
    element.addEventListener('pointerleave', leave)
    element.addEventListener('wheel', wheel, { passive: false })
    // The second button is a tool here.
    element.addEventListener('contextmenu', calm)
    return () => {
      element.removeEventListener('pointerdown', down)
      element.removeEventListener('pointermove', move)
      element.removeEventListener('pointerup', up)
      element.removeEventListener('pointercancel', up)
      element.removeEventListener('pointerleave', leave)
      element.removeEventListener('wheel', wheel)
      element.removeEventListener('contextmenu', calm)
    }
  }
}

const middle = (one: Point, other: Point): Point => ({ x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 })
