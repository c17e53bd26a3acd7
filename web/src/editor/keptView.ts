/** A kept view in a figure: its place at once, and the picture when it is painted. */
import { t } from '../i18n'
import type { Carried } from '../viewer/carried'
import type { Size } from '../viewer/geometry'

/** In CSS pixels: as large as the style lets a picture be. */
const MOST: Size = { width: 406, height: 240 }
/** Of the screen and of paper, for each of those. */
const DENSITY = 2
/** Views are as wide and as high as somebody's window was; slimmer ones could not be read. */
const SLIMMEST = 0.4
const WIDEST = 2.5
const BLANK = 'data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=='

/** The part of the picture that its keeper saw, as large as there is room. */
function sizeOf({ view: { extent } }: Carried): Size {
  const aspect = Math.min(Math.max(extent.width / extent.height, SLIMMEST), WIDEST)
  const width = Math.min(MOST.width, MOST.height * aspect)
  return { width: Math.round(width), height: Math.round(width / aspect) }
}

/** Holds the place of a view, so that nothing moves when it comes. */
export function blank(view: Carried, alt: string): HTMLImageElement {
  const image = document.createElement('img')
  const { width, height } = sizeOf(view)
  ;[image.width, image.height] = [width, height]
  image.src = BLANK
  image.alt = alt
  image.draggable = false
  image.dataset['kept'] = 'waiting'
  return image
}

/** What was kept, once it is painted; where it cannot be, the picture as it comes, and a word that it is that. [FOL-16] */
export function showKept(dom: HTMLElement, asItComes: string | null, view: Carried, still: (pixels: Size, told: (address: string | null) => void) => () => void): () => void {
  const image = dom.querySelector('img')
  const { width, height } = sizeOf(view)
  if (image === null) return () => undefined
  return still({ width: width * DENSITY, height: height * DENSITY }, (address) => {
    image.dataset['kept'] = address === null ? 'not' : 'shown'
    image.src = address ?? asItComes ?? BLANK
    if (address !== null) return
    const words = document.createElement('small')
    words.textContent = t('media.notAsKept')
    dom.querySelector('figcaption')?.append(' ', words)
  })
}
