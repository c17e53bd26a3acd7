/** Draws a sheet of ECG paper: squares of one and five millimetres, a pulse of a millivolt, the curves and their names. */
import type { Affine, Size } from './geometry'
import { LEFT_MM, lineOf, type Paper, PULSE_MM, type Gain, type PaperSpeed, ROW_MM } from './paper'

/** As paper is, by day and by night: its squares are read by their colour. */
const PAPER = '#fffaf8'
const FINE = '#f6d6d0'
const COARSE = '#e6a89e'
const INK = '#14141c'
/** Squares that are smaller on the screen would be one grey. */
const LEAST_SQUARE_PIXELS = 3

export interface Inked {
  readonly paper: Paper
  readonly hertz: number
  readonly speed: PaperSpeed
  readonly gain: Gain
  /** Whether the pulse stands for a millivolt. */
  readonly hasPulse: boolean
  /** Of a lead that the file does not have. */
  readonly missing: (name: string) => string
}

/** `placed` leads from millimetres to the canvas's pixels. */
export function drawPaper(context: CanvasRenderingContext2D, placed: Affine, canvas: Size, inked: Inked): void {
  const { paper, hertz, speed, gain, hasPulse, missing } = inked
  const scale = Math.hypot(placed.a, placed.b)
  const fine = (pixels: number): number => (pixels * Math.max(1, canvas.width / 1600)) / scale
  context.setTransform(placed.a, placed.b, placed.c, placed.d, placed.e, placed.f)
  context.fillStyle = PAPER
  context.fillRect(0, 0, paper.width, paper.height)
  for (const [step, colour, wide] of [[1, FINE, 0.8], [5, COARSE, 1]] as const) {
    if (step * scale < LEAST_SQUARE_PIXELS) continue
    context.strokeStyle = colour
    context.lineWidth = fine(wide)
    context.beginPath()
    for (let x = 0; x <= paper.width; x += step) {
      context.moveTo(x, 0)
      context.lineTo(x, paper.height)
    }
    for (let y = 0; y <= paper.height; y += step) {
      context.moveTo(0, y)
      context.lineTo(paper.width, y)
    }
    context.stroke()
  }
  context.strokeStyle = INK
  context.lineWidth = fine(1.3)
  context.lineJoin = 'round'
  for (const strip of paper.strips) {
    const line = lineOf(strip, hertz, speed, gain, scale)
    context.beginPath()
    for (const [at, { x, y }] of line.entries()) {
      if (at === 0) context.moveTo(x, y)
      else context.lineTo(x, y)
    }
    if (strip.isFirst && hasPulse) {
      const from = LEFT_MM - PULSE_MM - 4
      context.moveTo(from - 2, strip.y)
      for (const [x, y] of [[from, 0], [from, gain], [from + PULSE_MM, gain], [from + PULSE_MM, 0], [from + PULSE_MM + 2, 0]] as const) context.lineTo(x, strip.y - y)
    }
    context.stroke()
    context.fillStyle = INK
    context.font = '600 4px system-ui, sans-serif'
    context.fillText(strip.lead === null ? missing(strip.name) : strip.name, strip.x + 1, strip.y - ROW_MM / 2 + 5)
  }
}
