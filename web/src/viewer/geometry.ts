/** Points, sizes, and the affine maps between pixels of a picture and pixels of a window. */

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Size {
  readonly width: number
  readonly height: number
}

/** x' = a·x + c·y + e, y' = b·x + d·y + f: as canvas and CSS write it. */
export interface Affine {
  readonly a: number
  readonly b: number
  readonly c: number
  readonly d: number
  readonly e: number
  readonly f: number
}

export const SAME: Affine = { a: 1, b: 0, c: 0, d: 1, e: 0, f: 0 }

export const moving = (x: number, y: number): Affine => ({ a: 1, b: 0, c: 0, d: 1, e: x, f: y })

export const scaling = (x: number, y: number): Affine => ({ a: x, b: 0, c: 0, d: y, e: 0, f: 0 })

/** Clockwise as seen, since y leads down. Quarters of a turn are exact. */
export function turning(degrees: number): Affine {
  const quarters = degrees / 90
  const isExact = Number.isInteger(quarters)
  const at = ((quarters % 4) + 4) % 4
  const cos = isExact ? ([1, 0, -1, 0][at] ?? 1) : Math.cos((degrees * Math.PI) / 180)
  const sin = isExact ? ([0, 1, 0, -1][at] ?? 0) : Math.sin((degrees * Math.PI) / 180)
  return { a: cos, b: sin, c: -sin, d: cos, e: 0, f: 0 }
}

/** The last one is applied first, as matrices are multiplied. */
export function product(...maps: readonly Affine[]): Affine {
  return maps.reduce((left, right) => ({
    a: left.a * right.a + left.c * right.b,
    b: left.b * right.a + left.d * right.b,
    c: left.a * right.c + left.c * right.d,
    d: left.b * right.c + left.d * right.d,
    e: left.a * right.e + left.c * right.f + left.e,
    f: left.b * right.e + left.d * right.f + left.f,
  }), SAME)
}

/** What leads back. Throws for one that lays everything onto a line. */
export function inverse({ a, b, c, d, e, f }: Affine): Affine {
  const determinant = a * d - b * c
  if (determinant === 0 || !Number.isFinite(determinant)) throw new RangeError('it leads nowhere back')
  return {
    a: d / determinant,
    b: -b / determinant,
    c: -c / determinant,
    d: a / determinant,
    e: (c * f - d * e) / determinant,
    f: (b * e - a * f) / determinant,
  }
}

export const mapped = ({ a, b, c, d, e, f }: Affine, { x, y }: Point): Point => ({ x: a * x + c * y + e, y: b * x + d * y + f })

/** Of a direction: what moves is not moved. */
export const mappedBy = ({ a, b, c, d }: Affine, { x, y }: Point): Point => ({ x: a * x + c * y, y: b * x + d * y })

export const distance = (from: Point, to: Point): number => Math.hypot(to.x - from.x, to.y - from.y)
