/** What the figures of a case's text are shown from: its gallery, found by the editors that stand inside its page. */
import { getContext, setContext, untrack } from 'svelte'
import type { FigureSource } from '../editor/figure'
import { language } from '../i18n'
import type { Gallery } from './gallery.svelte'
import { mediaName } from './mediaWords'
import { openMediaDialog } from './opened.svelte'

const KEY = Symbol('figures')

/** Called while the case's page is made; holds for all that stands inside. */
export function showFiguresOf(gallery: Gallery): void {
  const source: FigureSource = {
    find: (id) => {
      const media = gallery.find(id)
      if (media !== null) return { name: mediaName(media), alt: media.alt, thumbnail: media.thumbnail }
      return gallery.isKnown ? null : 'unknown'
    },
    watch: (tell) =>
      $effect.root(() => {
        $effect(() => {
          void [gallery.media, gallery.isKnown, language()]
          untrack(tell)
        })
      }),
    open: (media, view) => openMediaDialog(view === null ? { kind: 'preview', media } : { kind: 'preview', media, as: view }),
    failed: () => gallery.refresh(true),
  }
  setContext(KEY, source)
}

export function figureSource(): FigureSource | null {
  return getContext<FigureSource | undefined>(KEY) ?? null
}
