/** What of its past a case's page shows: shared by what opens it (a panel, a notice, a key) and what shows it. */
import type { Desk } from '../case/desk.svelte'
import { pathOf } from './api'
import HistoryCover from './HistoryCover.svelte'
import type { Look } from './moments'

export class Looking {
  look = $state.raw<Look>({ at: 'now', against: 'before' })
  /** How far the reader had seen the record when they opened it. */
  seen = $state.raw<{ readonly seq: number; readonly at: number } | null>(null)
  /** What is new since then has been shown. */
  hasCompared = $state(false)
  /** Takes the last restore back, for as long as that can be done. */
  undoRestore = $state.raw<(() => void) | null>(null)
  /** What had the focus before the record was covered. */
  opener: HTMLElement | null = null
}

const held = new WeakMap<Desk, Looking>()

export function lookingOf(desk: Desk): Looking {
  const known = held.get(desk)
  if (known !== undefined) return known
  const made = new Looking()
  held.set(desk, made)
  return made
}

/** Cover the record with its past. */
export function lookInto(desk: Desk, look: Look): void {
  const looking = lookingOf(desk)
  looking.look = look
  if (!desk.wide) desk.closePanel()
  if (desk.cover === HistoryCover) return
  looking.opener = document.activeElement instanceof HTMLElement ? document.activeElement : null
  desk.cover = HistoryCover
}

export function isLooking(desk: Desk): boolean {
  return desk.cover === HistoryCover
}

/** Back to what is there now, and the keyboard to where it was. */
export function lookAway(desk: Desk): void {
  if (!isLooking(desk)) return
  desk.cover = null
  const { opener } = lookingOf(desk)
  // The record is hidden until the page has changed.
  requestAnimationFrame(() => {
    if (opener?.isConnected === true && opener !== document.body) opener.focus()
    else document.querySelector<HTMLElement>('#summary-title')?.focus()
  })
}

/** The record's address in the API. */
export function recordPath(desk: Desk): string {
  const { id, documents } = desk.record.case
  return pathOf(id, documents.get('record') ?? 'record')
}

/** Calls when the record has changed, after a while and at most once in it: what was typed is to be saved by then. */
export function whenChanged(desk: Desk, learn: () => void, afterMs = AFTER_MS): () => void {
  const doc = desk.record.session?.doc
  let timer: ReturnType<typeof setTimeout> | undefined
  const note = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined
      learn()
    }, afterMs)
  }
  doc?.on('update', note)
  return () => {
    clearTimeout(timer)
    doc?.off('update', note)
  }
}

const AFTER_MS = 2000
