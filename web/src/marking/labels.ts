/** What stands beside a mark on the picture: initials on their author's colour, its number, its words. Where there is no room, nothing. */
import { initials, inkOn } from '../sync/people'
import type { Annotation } from '../annotations/annotation'
import type { Size } from '../viewer/geometry'
import type { InSight } from './painting'

/** In CSS pixels. */
const HEIGHT = 20
const PADDING = 5
const BESIDE = 6
/** More would hide what they tell of. */
const MOST = 150
const LONGEST = 42
const FONT = '12px system-ui, sans-serif'
const BOLD = 'bold 11px system-ui, sans-serif'

interface Laid {
  readonly left: number
  readonly top: number
  readonly right: number
}

export interface Labelled extends InSight<Annotation> {
  readonly number: number
  /** Its label, its measure. */
  readonly words: readonly string[]
  /** It is painted elsewhere, and its room is kept. */
  readonly isElsewhere: boolean
}

/** The first go before the later ones. `context` counts in CSS pixels. */
export function paintLabels(context: CanvasRenderingContext2D, marks: Iterable<Labelled>, window: Size): void {
  const rows = new Map<number, Laid[]>()
  let count = 0
  for (const each of marks) {
    if (count >= MOST) return
    const text = [String(each.number), ...each.words.filter((word) => word !== '')].join(' · ')
    const shown = text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text
    const letters = initials(each.mark.by.name)
    const chip = widthOf(context, letters, BOLD) + 2 * PADDING
    const width = chip + widthOf(context, shown, FONT) + 2 * PADDING
    const laid = laidOut(each, width, window)
    if (!isFree(rows, laid)) continue
    count += 1
    if (!each.isElsewhere) paint(context, laid, chip, letters, shown, each.mark)
  }
}

/** Right of it, or left where the window ends. */
function laidOut({ left, top, right }: Labelled, width: number, window: Size): Laid {
  const from = right + BESIDE + width <= window.width ? right + BESIDE : Math.max(2, left - BESIDE - width)
  const at = Math.min(Math.max(2, from), Math.max(2, window.width - width - 2))
  return { left: at, right: at + width, top: Math.min(Math.max(2, top - HEIGHT / 2), window.height - HEIGHT - 2) }
}

function isFree(rows: Map<number, Laid[]>, laid: Laid): boolean {
  const row = Math.floor(laid.top / HEIGHT)
  for (const near of [row - 1, row, row + 1]) {
    for (const other of rows.get(near) ?? []) {
      if (Math.abs(other.top - laid.top) < HEIGHT && laid.left < other.right && other.left < laid.right) return false
    }
  }
  rows.set(row, [...(rows.get(row) ?? []), laid])
  return true
}

function paint(context: CanvasRenderingContext2D, { left, right, top }: Laid, chip: number, letters: string, text: string, { by, isResolved }: Annotation): void {
  context.globalAlpha = isResolved ? 0.7 : 1
  context.fillStyle = 'rgb(10 14 17 / 82%)'
  context.beginPath()
  context.roundRect(left, top, right - left, HEIGHT, 4)
  context.fill()
  context.fillStyle = by.color
  context.beginPath()
  context.roundRect(left, top, chip, HEIGHT, [4, 0, 0, 4])
  context.fill()
  context.textBaseline = 'middle'
  context.font = BOLD
  context.fillStyle = inkOn(by.color)
  context.fillText(letters, left + PADDING, top + HEIGHT / 2 + 0.5)
  context.font = FONT
  context.fillStyle = '#ffffff'
  context.fillText(text, left + chip + PADDING, top + HEIGHT / 2 + 0.5)
  context.globalAlpha = 1
}

/** Measured once a text: texts repeat with every movement. */
const widths = new Map<string, number>()
const MOST_WIDTHS = 4_000

function widthOf(context: CanvasRenderingContext2D, text: string, font: string): number {
  const key = `${font}${text}`
  const found = widths.get(key)
  if (found !== undefined) return found
  if (widths.size > MOST_WIDTHS) widths.clear()
  context.font = font
  const { width } = context.measureText(text)
  widths.set(key, width)
  return width
}
