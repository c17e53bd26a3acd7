/** Which of the gallery's dialogs is open: asked for by a tile, a figure in the text, a line of the tray, the palette. */

import type { Carried } from '../viewer/carried'

export type Opened =
  /** `as`: exactly so; else as it comes. */
  | { readonly kind: 'preview'; readonly media: string; readonly as?: Carried }
  | { readonly kind: 'describe'; readonly media: string }
  | { readonly kind: 'review'; readonly upload: string }
  | { readonly kind: 'redact'; readonly media: string }
  /** One of the gallery goes into the text. */
  | { readonly kind: 'choose' }

let opened = $state.raw<Opened | null>(null)

export function openMediaDialog(what: Opened): void {
  opened = what
}

export function openedDialog(): Opened | null {
  return opened
}

export function shutMediaDialog(): void {
  opened = null
}
