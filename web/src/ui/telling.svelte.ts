/** Tells what has just been done, with a way back: `tell(t('…removed'), { label: t('app.undo'), run: putBack })`. */

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

export function putAway(id: number): void {
  shown = shown.filter((message) => message.id !== id)
}

function add(message: Omit<Message, 'id'>): void {
  counter += 1
  shown = [...shown.filter(({ text }) => text !== message.text), { ...message, id: counter }].slice(-3)
}
