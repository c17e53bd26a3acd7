/** How one person looks at a photo: how it is placed, how bright it is. */
import type { Carried } from './carried'
import type { Point } from './geometry'
import { type Picture, type View, whole } from './view'

/** In percent, as CSS filters count. */
const AS_IT_IS = 100

export class PhotoLooking {
  readonly media: string
  readonly picture: Picture
  view = $state.raw<View>(whole({ width: 1, height: 1, aspect: 1 }))
  brightness = $state(AS_IT_IS)
  contrast = $state(AS_IT_IS)
  /** Where the hand points, in the picture. */
  pointer = $state.raw<Point | null>(null)

  /** `as`: exactly so; else whole. */
  constructor(media: string, picture: Picture, as: Carried | null) {
    this.media = media
    this.picture = picture
    this.view = whole(picture)
    if (as !== null) this.take(as)
  }

  readonly filter = $derived.by(() =>
    this.#isAsItIs ? 'none' : `brightness(${this.brightness}%) contrast(${this.contrast}%)`,
  )

  /** Brightness and contrast are to a photo what a window is to measured values. */
  carried(): Carried {
    return {
      media: this.media,
      frame: 0,
      view: this.view,
      window: this.#isAsItIs ? null : { centre: this.brightness, width: this.contrast },
      isInverted: false,
      seconds: null,
      isPlaying: false,
      pointer: this.pointer,
    }
  }

  take({ media, view, window }: Carried): void {
    if (media !== this.media) return
    this.view = view
    this.brightness = within(window?.centre ?? AS_IT_IS)
    this.contrast = within(window?.width ?? AS_IT_IS)
  }

  reset(): void {
    this.view = whole(this.picture)
    this.brightness = AS_IT_IS
    this.contrast = AS_IT_IS
  }

  get #isAsItIs(): boolean {
    return this.brightness === AS_IT_IS && this.contrast === AS_IT_IS
  }
}

/** What the sliders can say: it comes from others. */
const within = (percent: number): number => Math.min(Math.max(percent, 20), 300)
