/** What hands do on a picture: dragging, two fingers, the wheel. In pixels of the element, from its left upper corner. */
import type { Attachment } from 'svelte/attachments'
import { distance, type Point } from './geometry'

export interface Drag {
  readonly from: Point
  readonly to: Point
  /** Which button of a mouse: 0 the first, 1 the middle, 2 the second. Fingers have the first. */
  readonly button: number
}

export interface Hands {
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

    const placeOf = (event: MouseEvent): Point => {
      const box = element.getBoundingClientRect()
      return { x: event.clientX - box.left, y: event.clientY - box.top }
    }

    const down = (event: PointerEvent): void => {
      if (held.size >= 2) return
      element.setPointerCapture(event.pointerId)
      if (held.size === 0) button = event.button
      held.set(event.pointerId, placeOf(event))
    }

    const move = (event: PointerEvent): void => {
      const [from, to] = [held.get(event.pointerId), placeOf(event)]
      if (from === undefined) return hands.hover(to)
      const other = [...held].find(([id]) => id !== event.pointerId)?.[1]
      held.set(event.pointerId, to)
      if (other === undefined) hands.drag({ from, to, button })
      else hands.pinch(distance(to, other) / Math.max(1, distance(from, other)), middle(from, other), middle(to, other))
    }

    const up = (event: PointerEvent): void => void held.delete(event.pointerId)

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
