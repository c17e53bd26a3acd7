/** Events in the steps that people remember: what one person did in a row, day by day. */
import type { LoggedEvent, Who } from './api'

/** Longer than the five minutes in which the server takes the same access for one. */
export const APART_MS = 15 * 60_000

export interface Line {
  readonly text: string
  readonly isRefused: boolean
  readonly count: number
  /** Of the newest. */
  readonly at: number
}

/** What one person did in one go, newest first. */
export interface Block {
  /** Of its newest event. */
  readonly seq: number
  readonly who: Who | null
  readonly name: string
  readonly address: string | null
  readonly from: number
  readonly to: number
  readonly lines: readonly Line[]
}

export interface Day {
  readonly day: string
  readonly blocks: readonly Block[]
}

export interface Spoken {
  readonly doer: (event: LoggedEvent) => string
  readonly deed: (event: LoggedEvent) => string
  readonly day: (at: number) => string
}

/** `events` are newest first. Nothing is left out: the same thing done again is counted. */
export function daysOf(events: readonly LoggedEvent[], { doer, deed, day }: Spoken): readonly Day[] {
  const days: { day: string; blocks: Block[] }[] = []
  for (const event of events) {
    const today = day(event.at)
    let last = days.at(-1)
    if (last?.day !== today) days.push((last = { day: today, blocks: [] }))
    const block = last.blocks.at(-1)
    const text = deed(event)
    if (block !== undefined && goesOn(block, event, doer(event))) last.blocks[last.blocks.length - 1] = { ...block, from: event.at, lines: withLine(block.lines, event, text) }
    else {
      const { seq, who, address, at } = event
      last.blocks.push({ seq, who, name: doer(event), address, from: at, to: at, lines: withLine([], event, text) })
    }
  }
  return days
}

function goesOn(block: Block, event: LoggedEvent, name: string): boolean {
  const isSame = block.who?.id === event.who?.id && block.name === name && block.address === event.address
  return isSame && block.from - event.at < APART_MS
}

function withLine(lines: readonly Line[], { at, isRefused }: LoggedEvent, text: string): readonly Line[] {
  const index = lines.findIndex((line) => line.text === text && line.isRefused === isRefused)
  if (index === -1) return [...lines, { text, isRefused, count: 1, at }]
  return lines.map((line, place) => (place === index ? { ...line, count: line.count + 1 } : line))
}
