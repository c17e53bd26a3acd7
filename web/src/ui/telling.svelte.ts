/** Tells what has just been done, with a way back: `tell(t('…removed'), { label: t('app.undo'), run: putBack })`. */

import { untrack } from 'svelte'

export interface Message {
  readonly id: number
  readonly text: string
  readonly tone: 'plain' | 'bad'
  readonly undo: Undo | null
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
  add({ text, undo, tone: 'plain' })
}

/** A failure that has no better place on the page; it stays until it is put away. */
export function tellFailure(text: string): void {
  add({ text, undo: null, tone: 'bad' })
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

function add(message: Omit<Message, 'id'>): void {
  counter += 1
  shown = [...shown.filter(({ text }) => text !== message.text), { ...message, id: counter }].slice(-3)
}
