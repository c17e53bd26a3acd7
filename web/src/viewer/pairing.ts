/**
 * Two pictures beside each other that are looked at as one. They stay to each other as they were when they were linked:
 * what moves one on the screen moves the other the same way and as far, what turns or enlarges one does so to the other.
 */
import { type Affine, inverse, mappedBy, type Point, product, type Size, scaling, turning } from './geometry'
import type { DicomPicture, Slice } from './manifest'
import { type Picture, scaleOf, type View } from './view'

/** A picture in its window. */
export interface Placed {
  readonly view: View
  readonly picture: Picture
  /** In CSS pixels. */
  readonly window: Size
  /** How long a width of a pixel is: millimetres where both are calibrated, else parts of the picture's width. */
  readonly unit: number
}

/** How the second stands to the first. */
export interface Kinship {
  /** From directions in the first to those in the second that look the same. */
  readonly turn: Affine
  /** How much larger the second shows what is equally long. */
  readonly ratio: number
  /** What is in the second's middle when the first's own middle is in its. */
  readonly offset: Point
}

export function kinshipOf(one: Placed, other: Placed): Kinship {
  const turn = product(inverse(looks(other.view)), looks(one.view))
  const ratio = seenScale(other) / seenScale(one)
  const [from, to] = [fromMiddle(one), fromMiddle(other)]
  const moved = mappedBy(turn, from)
  return { turn, ratio, offset: { x: to.x - moved.x / ratio, y: to.y - moved.y / ratio } }
}

export function turnedRound({ turn, ratio, offset }: Kinship): Kinship {
  const back = inverse(turn)
  const moved = mappedBy(back, offset)
  return { turn: back, ratio: 1 / ratio, offset: { x: -moved.x * ratio, y: -moved.y * ratio } }
}

/** How the other is looked at when the first is looked at so. Some of it always stays in the middle. */
export function followed(one: Placed, { turn, ratio, offset }: Kinship, other: Placed): View {
  const scale = seenScale(one) * ratio * other.unit
  const moved = mappedBy(turn, fromMiddle(one))
  const { width, height, aspect } = other.picture
  const x = width / 2 + (moved.x / ratio + offset.x) / other.unit
  const y = height / 2 + (moved.y / ratio + offset.y) / (other.unit * aspect)
  const seen = product(looks(one.view), inverse(turn))
  const isMirrored = seen.a * seen.d - seen.b * seen.c < 0
  // The mirror is taken off first: it comes after turning.
  const { a, b } = product(scaling(isMirrored ? -1 : 1, 1), seen)
  return {
    centre: { x: Math.min(Math.max(x, 0), width), y: Math.min(Math.max(y, 0), height) },
    extent: { width: other.window.width / scale, height: other.window.height / scale },
    turn: degrees(a, b),
    isMirrored,
  }
}

const looks = ({ turn, isMirrored }: View): Affine => product(scaling(isMirrored ? -1 : 1, 1), turning(turn))

/** Window pixels for each unit. */
const seenScale = ({ view, window, unit }: Placed): number => scaleOf(view, window) / unit

function fromMiddle({ view: { centre }, picture: { width, height, aspect }, unit }: Placed): Point {
  return { x: (centre.x - width / 2) * unit, y: (centre.y - height / 2) * unit * aspect }
}

/** Quarters of a turn stay exact, through whatever was computed. */
function degrees(cos: number, sin: number): number {
  const found = (Math.atan2(sin, cos) * 180) / Math.PI
  const whole = Math.round(found)
  return ((Math.abs(found - whole) < 1e-6 ? whole : found) + 360) % 360
}

/** Where a picture of a series lies. */
export interface Lying {
  readonly frameOfReference: string
  readonly position: readonly number[]
  readonly normal: readonly number[]
}

/** Cosine of the angle between two slices that are taken for parallel: about two degrees. */
const PARALLEL = 0.9994

export function lyingOf(picture: DicomPicture | null, slice: Slice | null): Lying | null {
  const [position, orientation, frame] = [slice?.position ?? null, slice?.orientation ?? null, picture?.frameOfReference ?? null]
  if (frame === null || position?.length !== 3 || orientation?.length !== 6) return null
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = orientation
  const normal = [b * f - c * e, c * d - a * f, a * e - b * d]
  return dot(normal, normal) < 0.5 ? null : { frameOfReference: frame, position, normal }
}

/** Whether one and the same place in the body can be found in both: millimetres along one axis. */
export function areAlike(one: Lying | null, other: Lying | null): boolean {
  return one !== null && other !== null && one.frameOfReference === other.frameOfReference && Math.abs(dot(one.normal, other.normal)) > PARALLEL
}

/** Which of the other's pictures lies nearest; null: none of them is alike. */
export function nearest(to: Lying, others: readonly (Lying | null)[]): number | null {
  let best: { readonly at: number; readonly far: number } | null = null
  const depth = dot(to.position, to.normal)
  for (const [at, other] of others.entries()) {
    if (other === null || !areAlike(to, other)) continue
    const far = Math.abs(dot(other.position, to.normal) - depth)
    if (best === null || far < best.far) best = { at, far }
  }
  return best?.at ?? null
}

const dot = (one: readonly number[], other: readonly number[]): number => one.reduce((sum, each, at) => sum + each * (other[at] ?? 0), 0)
