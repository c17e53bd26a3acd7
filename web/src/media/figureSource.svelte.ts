/** What the figures of a case's text are shown from: its gallery, found by the editors that stand inside its page. */
import { getContext, setContext, untrack } from 'svelte'
import type { FigureSource } from '../editor/figure'
import { language } from '../i18n'
import { Stills } from '../viewer/stills'
import type { Gallery } from './gallery.svelte'
import { mediaName } from './mediaWords'
import { openMediaDialog } from './opened.svelte'

const KEY = Symbol('figures')

/** Called while the case's page is made; holds for all that stands inside. */
export function showFiguresOf(id: string, gallery: Gallery): void {
  const stills = new Stills(id, async (wish, stop) => (await import('../viewer/still')).still(wish, stop))
  $effect(() => () => stills.close())
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
    still(id, view, size, at, told) {
      const media = gallery.find(id)
      if (media !== null) return stills.show(media, view, size, () => farFrom(at), told)
      told(null)
      return () => undefined
    },
    open: (media, view) => openMediaDialog(view === null ? { kind: 'preview', media } : { kind: 'preview', media, as: view }),
    failed: () => gallery.refresh(true),
  }
  setContext(KEY, source)
}

/** How far it lies above or below what is in sight, in pixels of the page; what is nowhere comes last. */
function farFrom(at: Element): number {
  const { top, bottom, height } = at.getBoundingClientRect()
  return height === 0 ? Infinity : Math.max(0, top - innerHeight, -bottom)
}

export function figureSource(): FigureSource | null {
  return getContext<FigureSource | undefined>(KEY) ?? null
}
