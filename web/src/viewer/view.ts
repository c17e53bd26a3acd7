/**
 * How somebody looks at a picture, in the picture's own coordinates: the same words mean the same part of it in every
 * window, whatever its size and its pixels. (0, 0) is the left upper corner of the first pixel.
 */
import { type Affine, inverse, mapped, moving, type Point, product, type Size, scaling, turning } from './geometry'

/** A picture, for who places it: how large, and how much higher than wide one of its pixels is. */
export interface Picture extends Size {
  readonly aspect: number
  /** Window pixels for each width of a pixel when it is shown 1:1. None: one. */
  readonly lifeSize?: number
}

export interface View {
  /** What is in the middle of the window. */
  readonly centre: Point
  /** How much can be seen at least, along the window's own axes, in widths of a pixel. */
  readonly extent: Size
  /** Clockwise, as seen, before it is mirrored: 0 ≤ turn < 360. */
  readonly turn: number
  /** Left and right are exchanged, as seen. */
  readonly isMirrored: boolean
}

/** One pixel fills so much of the window at most: enough to see what is in it, and no farther. */
export const SMALLEST_EXTENT = 4
/** The picture is a spot in the middle of the window. */
const LARGEST_FACTOR = 16

/** All of it, upright. */
export function whole(picture: Picture): View {
  return fitting(picture, { centre: middle(picture), extent: { width: 1, height: 1 }, turn: 0, isMirrored: false })
}

/** All of it, turned and mirrored as it is. */
export function fitting(picture: Picture, view: View): View {
  const { width, height } = turnedSize(picture, view.turn)
  return { ...view, centre: middle(picture), extent: { width, height } }
}

/** So many window pixels for each width of a pixel of the picture. */
export function scaleOf({ extent }: View, window: Size): number {
  return Math.min(window.width / extent.width, window.height / extent.height)
}

/** From the picture's pixels to the window's. */
export function placing(view: View, picture: Picture, window: Size): Affine {
  const scale = scaleOf(view, window)
  return product(
    moving(window.width / 2, window.height / 2),
    scaling(view.isMirrored ? -scale : scale, scale),
    turning(view.turn),
    scaling(1, picture.aspect),
    moving(-view.centre.x, -view.centre.y),
  )
}

/** Closer by `factor`, and what was at `at` in the window stays there. */
export function zoomed(view: View, picture: Picture, window: Size, factor: number, at: Point): View {
  const fixed = mapped(inverse(placing(view, picture, window)), at)
  const scale = clampScale(scaleOf(view, window) * factor, picture, window)
  return kept({ ...view, extent: { width: window.width / scale, height: window.height / scale } }, picture, window, fixed, at)
}

/** So many window pixels for each of the picture; the middle stays. */
export function scaled(view: View, picture: Picture, window: Size, scale: number): View {
  return zoomed(view, picture, window, scale / scaleOf(view, window), { x: window.width / 2, y: window.height / 2 })
}

/** What was at `from` in the window is at `to`. */
export function panned(view: View, picture: Picture, window: Size, from: Point, to: Point): View {
  return kept(view, picture, window, mapped(inverse(placing(view, picture, window)), from), to)
}

/** Clockwise as seen, about the middle of the window. */
export function turned(view: View, degrees: number): View {
  const turn = (((view.turn + (view.isMirrored ? -degrees : degrees)) % 360) + 360) % 360
  return { ...view, turn }
}

/** Left becomes right, as seen. */
export const mirrored = (view: View): View => ({ ...view, isMirrored: !view.isMirrored })

/** Above becomes below, as seen: the other mirror, and half a turn. */
export const upended = (view: View): View => mirrored(turned(view, 180))

const middle = ({ width, height }: Size): Point => ({ x: width / 2, y: height / 2 })

/** The box around it when it is turned, in widths of a pixel. */
function turnedSize({ width, height, aspect }: Picture, turn: number): Size {
  const { a, b } = turning(turn)
  const [cos, sin, high] = [Math.abs(a), Math.abs(b), height * aspect]
  return { width: width * cos + high * sin, height: width * sin + high * cos }
}

/** `fixed` in the picture stands at `at` in the window; some of the picture is always under the window's middle. */
function kept(view: View, picture: Picture, window: Size, fixed: Point, at: Point): View {
  const back = inverse(placing({ ...view, centre: { x: 0, y: 0 } }, picture, window))
  const off = mapped(back, at)
  return {
    ...view,
    centre: { x: clamp(fixed.x - off.x, 0, picture.width), y: clamp(fixed.y - off.y, 0, picture.height) },
  }
}

function clampScale(scale: number, picture: Picture, window: Size): number {
  const closest = Math.min(window.width, window.height) / SMALLEST_EXTENT
  const { width, height } = turnedSize(picture, 0)
  const farthest = Math.min(window.width / width, window.height / height) / LARGEST_FACTOR
  return clamp(scale, Math.min(farthest, closest), closest)
}

const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most)
