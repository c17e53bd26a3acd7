/** How one person looks at a document: which page, and how it is placed. */
import type { Page } from '../media/pages'
import type { Carried } from './carried'
import type { Point } from './geometry'
import { type Picture, type View, whole } from './view'

export class PagesLooking {
  readonly media: string
  readonly pages: readonly Page[]
  at = $state(0)
  view = $state.raw<View>(whole({ width: 1, height: 1, aspect: 1 }))
  /** Where the hand points, on the page. */
  pointer = $state.raw<Point | null>(null)

  /** `as`: exactly so; else the first page, whole. */
  constructor(media: string, pages: readonly Page[], as: Carried | null) {
    this.media = media
    this.pages = pages
    this.view = whole(this.picture)
    if (as !== null) this.take(as)
  }

  readonly picture: Picture = $derived.by(() => {
    const { width, height } = this.pages[this.at] ?? { width: 1, height: 1 }
    return { width, height, aspect: 1 }
  })

  carried(): Carried {
    return { media: this.media, frame: this.at, view: this.view, window: null, isInverted: false, seconds: null, isPlaying: false, pointer: this.pointer }
  }

  take({ media, frame, view }: Carried): void {
    if (media !== this.media) return
    this.at = Math.min(frame, Math.max(0, this.pages.length - 1))
    this.view = view
  }

  /** A page of another size is shown whole; of the same, the same part of it. */
  go(to: number): void {
    const before = this.picture
    this.at = Math.min(Math.max(to, 0), Math.max(0, this.pages.length - 1))
    if (this.picture.width !== before.width || this.picture.height !== before.height) this.view = whole(this.picture)
  }
}
