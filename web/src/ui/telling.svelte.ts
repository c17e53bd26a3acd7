/** Tells what has just been done, with a way back: `tell(t('…removed'), { label: t('app.undo'), run: putBack })`. */

import { untrack } from 'svelte'

export interface Message {
  readonly id: number
  readonly text: string
  readonly tone: 'plain' | 'bad'
  readonly undo: Undo | null
  /** How much of it is done, from 0 to 1, of what goes on until it ends. */
  readonly share: number | null
}

export interface Undo {
  readonly label: string
  readonly run: () => void
}

let counter = 0
let shown = $state.raw<readonly Message[]>([])

export function messages(): readonly Message[] {
  return shown
}

/** Goes by itself after a while, but not while somebody points at it or stands on it. */
export function tell(text: string, undo: Undo | null = null): void {
  add({ text, undo, tone: 'plain', share: null })
}

/** A failure that has no better place on the page; it stays until it is put away. */
export function tellFailure(text: string): void {
  add({ text, undo: null, tone: 'bad', share: null })
}

export interface Underway {
  /** From 0 to 1. */
  readonly reach: (share: number) => void
  readonly end: () => void
}

/** Something that takes long and can be ended; its words stay the same, so that nobody hears them again and again. */
export function tellUnderway(text: string, cancel: Undo): Underway {
  const id = add({ text, undo: cancel, tone: 'plain', share: 0 })
  return {
    reach: (share) => {
      // A thousand small files are no reason to paint a thousand times.
      shown = shown.map((each) => (each.id === id && share - (each.share ?? 0) >= 0.005 ? { ...each, share } : each))
    },
    end: () => putAway(id),
  }
}

/**
 * Where messages can be shown; the last one shows them. What stands outside of an open dialog can be neither pressed nor
 * heard, so each dialog is such a place for as long as it is open.
 */
let places = $state.raw<readonly symbol[]>([])

export function isShownIn(place: symbol): boolean {
  return places.at(-1) === place
}

/** Call what it returns when the place is gone. */
export function openPlace(place: symbol): () => void {
  places = [...untrack(() => places), place]
  return () => {
    places = untrack(() => places).filter((each) => each !== place)
  }
}

export function putAway(id: number): void {
  shown = shown.filter((message) => message.id !== id)
}

function add(message: Omit<Message, 'id'>): number {
  counter += 1
  const others = shown.filter(({ text, share }) => text !== message.text || share !== null)
  const all = [...others, { ...message, id: counter }]
  const latest = all.slice(-3)
  shown = all.filter((each) => each.share !== null || latest.includes(each))
  return counter
}
