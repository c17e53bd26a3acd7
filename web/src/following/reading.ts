/** The passage that is before somebody on this page, and how to bring one there. No focus moves. */
import { tick } from 'svelte'
import type { Desk } from '../case/desk.svelte'
import { SECTION_NAMES } from '../sections'
import { HEAD, lastAbove, lineAt, type Passage, percentOf } from './passage'

/** Of the window's height: where eyes rest, below what sticks to its top. */
const LINE = 0.35
/** Farther than this one jumps, as a long way looked at in motion says nothing. */
const NEAR = 1.5
/** An editor that was never unfolded takes some frames to come. */
const MOST_FRAMES = 40

const line = (): number => innerHeight * LINE

/** The record's own, not one that a dialog covers it with. */
const blocksOf = (section: string): readonly Element[] => [...(document.querySelector(`#${CSS.escape(section)} .prose`)?.children ?? [])]

export function readPassage(): Passage {
  const sections = SECTION_NAMES.flatMap((name) => document.getElementById(name) ?? [])
  const found = sections[lastAbove(sections.map((each) => each.getBoundingClientRect()), line())]
  if (found === undefined) return { section: HEAD, block: -1, percent: 0 }
  const boxes = blocksOf(found.id).map((each) => each.getBoundingClientRect())
  const at = lastAbove(boxes, line())
  const box = boxes[at]
  return { section: found.id, block: at, percent: box === undefined ? 0 : percentOf(box, line()) }
}

/** `isStill`: whether it is still wanted, asked while waiting. */
export async function showPassage(desk: Desk, { section, block, percent }: Passage, isStill: () => boolean): Promise<void> {
  if (desk.cover !== null) desk.cover = null
  if (block >= 0 && !desk.unfolded.has(section)) desk.unfolded = new Set([...desk.unfolded, section])
  await tick()
  for (let frame = 0; block >= 0 && frame < MOST_FRAMES && blocksOf(section).length === 0; frame += 1) {
    await new Promise(requestAnimationFrame)
  }
  if (!isStill()) return
  const target = blocksOf(section)[block] ?? document.getElementById(section)
  const box = target?.getBoundingClientRect()
  if (box === undefined) return
  const by = lineAt(box, percent) - line()
  const isCalm = matchMedia('(prefers-reduced-motion: reduce)').matches
  if (Math.abs(by) > 2) window.scrollBy({ top: by, behavior: isCalm || Math.abs(by) > innerHeight * NEAR ? 'instant' : 'smooth' })
}
