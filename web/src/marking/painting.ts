/**
 * Marks on a canvas: what is in sight of them, all of one colour in one stroke, so that ten thousand cost about as much as
 * the lines that they put on the screen, and none of them a node of the page. [MARK-7]
 */
import type { Annotation, Shape } from '../annotations/annotation'
import { type Affine, mapped, type Point, type Size } from '../viewer/geometry'
import { lineColour } from './colours'
import { type Box, boxOf, type Stroke, strokesOf } from './outline'

/** In CSS pixels. */
const LINE = 2
const EDGE = 5
const HEAD = 12
const RING = 6
/** What is smaller on the screen is a dot. */
const DOT = 3
/** Points of a line nearer to each other are one. */
const NEAR = 0.7
/** With more than so many in sight nobody tells small ones apart: a dot for each, so that lines are for those that are near. */
const CROWD = 400
const SMALL = 28
/** Of a dot in a crowd, and of the dark edge around it. */
const SPECK = 4

type Drawable = Pick<Annotation, 'shape' | 'points'>

interface Known {
  readonly strokes: readonly Stroke[]
  readonly box: Box
}

/** An annotation that changes is another object: what was worked out of it once holds. */
const known = new WeakMap<Drawable, Known>()

function knownOf(mark: Drawable): Known {
  const found = known.get(mark)
  if (found !== undefined) return found
  const made = { strokes: strokesOf(mark.shape, mark.points), box: boxOf(mark.points) }
  known.set(mark, made)
  return made
}

/** In the window; `isTiny`: too small there for lines. */
export interface InSight<Mark> {
  readonly mark: Mark
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** In their order. */
export function inSight<Mark extends Drawable>(marks: readonly Mark[], { a, b, c, d, e, f }: Affine, { width, height }: Size): InSight<Mark>[] {
  const found: InSight<Mark>[] = []
  for (const mark of marks) {
    const { box } = knownOf(mark)
    const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2]
    const [across, down] = [(box.right - box.left) / 2, (box.bottom - box.top) / 2]
    const [middleX, middleY] = [a * x + c * y + e, b * x + d * y + f]
    const [halfX, halfY] = [Math.abs(a) * across + Math.abs(c) * down, Math.abs(b) * across + Math.abs(d) * down]
    const [left, top, right, bottom] = [middleX - halfX, middleY - halfY, middleX + halfX, middleY + halfY]
    if (right < -RING || bottom < -RING || left > width + RING || top > height + RING) continue
    found.push({ mark, left, top, right, bottom })
  }
  return found
}

/** `context` counts in CSS pixels. Resolved ones are dashed. */
export function paintMarks(context: CanvasRenderingContext2D, marks: readonly InSight<Annotation>[], placed: Affine): void {
  const groups = new Map<string, InSight<Annotation>[]>()
  for (const each of marks) {
    const { by, isResolved } = each.mark
    const key = `${by.color} ${isResolved ? 'dashed' : ''}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [each])
    else group.push(each)
  }
  const isCrowd = marks.length > CROWD
  for (const [key, group] of groups) {
    const [color = '', dashed = ''] = key.split(' ')
    const isSmall = ({ left, top, right, bottom }: InSight<Annotation>): boolean => isCrowd && right - left < SMALL && bottom - top < SMALL
    specks(context, group.filter(isSmall), lineColour(color))
    const large = group.filter((each) => !isSmall(each))
    if (large.length === 0) continue
    context.beginPath()
    for (const { mark, left, top, right, bottom } of large) {
      if (right - left < DOT && bottom - top < DOT && mark.shape !== 'point') dot(context, (left + right) / 2, (top + bottom) / 2)
      else trace(context, mark.shape, mark.points, knownOf(mark).strokes, placed)
    }
    strokeTwice(context, lineColour(color), LINE, dashed === '' ? [] : [6, 4])
  }
}

function specks(context: CanvasRenderingContext2D, marks: readonly InSight<Annotation>[], color: string): void {
  for (const [style, size] of [['rgb(0 0 0 / 70%)', SPECK + 2], [color, SPECK]] as const) {
    context.fillStyle = style
    for (const { left, top, right, bottom } of marks) context.fillRect((left + right - size) / 2, (top + bottom - size) / 2, size, size)
  }
}

/** One that is being drawn or moved, or that is chosen: with a stronger line. */
export function paintOne(context: CanvasRenderingContext2D, shape: Shape, points: readonly Point[], placed: Affine, color: string): void {
  context.beginPath()
  trace(context, shape, points, strokesOf(shape, points), placed)
  strokeTwice(context, color, LINE + 1, [])
}

/** Where keys would set a point. */
export function paintCrosshair(context: CanvasRenderingContext2D, at: Point, { width, height }: Size): void {
  context.beginPath()
  context.moveTo(at.x, 0)
  context.lineTo(at.x, height)
  context.moveTo(0, at.y)
  context.lineTo(width, at.y)
  strokeTwice(context, '#ffffff', 1, [])
}

function strokeTwice(context: CanvasRenderingContext2D, color: string, width: number, dash: number[]): void {
  context.lineJoin = 'round'
  context.lineCap = 'round'
  context.setLineDash([])
  context.strokeStyle = 'rgb(0 0 0 / 70%)'
  context.lineWidth = width + EDGE - LINE
  context.stroke()
  context.setLineDash(dash)
  context.strokeStyle = color
  context.lineWidth = width
  context.stroke()
  context.setLineDash([])
}

function dot(context: CanvasRenderingContext2D, x: number, y: number): void {
  context.moveTo(x - 1, y)
  context.lineTo(x + 1, y)
}

function trace(context: CanvasRenderingContext2D, shape: Shape, points: readonly Point[], strokes: readonly Stroke[], placed: Affine): void {
  const first = points[0]
  if (shape === 'point' && first !== undefined) return ring(context, mapped(placed, first))
  const { a, b, c, d, e, f } = placed
  for (const { points: line, isClosed } of strokes) {
    let [lastX, lastY] = [NaN, NaN]
    for (const { x, y } of line) {
      const [toX, toY] = [a * x + c * y + e, b * x + d * y + f]
      if (Math.abs(toX - lastX) < NEAR && Math.abs(toY - lastY) < NEAR) continue
      if (Number.isNaN(lastX)) context.moveTo(toX, toY)
      else context.lineTo(toX, toY)
      ;[lastX, lastY] = [toX, toY]
    }
    if (isClosed) context.closePath()
    else ends(context, shape, line, placed)
  }
}

/** A tip for an arrow, small bars for what measures. */
function ends(context: CanvasRenderingContext2D, shape: Shape, line: readonly Point[], placed: Affine): void {
  const [from, to] = [line[0], line.at(-1)]
  if (from === undefined || to === undefined || line.length < 2) return
  const [start, end] = [mapped(placed, from), mapped(placed, to)]
  const way = Math.atan2(end.y - start.y, end.x - start.x)
  if (shape === 'arrow') {
    for (const turn of [-2.6, 2.6]) {
      context.moveTo(end.x, end.y)
      context.lineTo(end.x + HEAD * Math.cos(way + turn), end.y + HEAD * Math.sin(way + turn))
    }
  } else if (shape === 'length' || shape === 'bidirectional') {
    for (const each of [start, end]) {
      context.moveTo(each.x - 5 * Math.sin(way), each.y + 5 * Math.cos(way))
      context.lineTo(each.x + 5 * Math.sin(way), each.y - 5 * Math.cos(way))
    }
  }
}

/** Open in the middle: what is marked stays in sight. */
function ring(context: CanvasRenderingContext2D, { x, y }: Point): void {
  context.moveTo(x + RING, y)
  context.arc(x, y, RING, 0, 2 * Math.PI)
  for (const [across, down] of [[1, 0], [-1, 0], [0, 1], [0, -1]] as const) {
    context.moveTo(x + across * RING, y + down * RING)
    context.lineTo(x + across * (RING + 5), y + down * (RING + 5))
  }
}
