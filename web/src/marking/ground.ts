/** What marks lie on: a picture as somebody has it before them, and the others of the same medium. */
import type { Spot } from '../annotations/annotation'
import { t } from '../i18n'
import type { Frame } from '../viewer/decoding'
import type { Film } from '../viewer/film.svelte'
import { clock, frameOf } from '../viewer/filmTime'
import type { Point } from '../viewer/geometry'
import { dicomOf, type Looking } from '../viewer/looking.svelte'
import { type Scale, scaleAt } from '../viewer/measuring'
import type { PagesLooking } from '../viewer/pages.svelte'
import type { PhotoLooking } from '../viewer/photo.svelte'
import type { Values } from '../viewer/values'
import type { Picture, View } from '../viewer/view'

/** What is read of it is watched. */
export interface Ground {
  readonly media: string
  /** Of the picture that is shown. */
  readonly spot: Spot
  readonly picture: Picture
  readonly view: View
  /** Where a hand points that holds nothing, in the picture. */
  readonly pointer: Point | null
  /** The numbers of the picture that is shown, once they are there; null for photos. */
  readonly frame: Frame | null
  readonly values: Values | null
  /** That holds for all of `points` of the picture at `spot`. */
  scale(spot: Spot, points: readonly Point[]): Scale
  /** In its order: a medium's first picture has 0; null: it is not of this medium. */
  at(spot: Spot): number | null
  /** As it is called: "Image 3 of 12"; empty where there is but one. */
  placeName(spot: Spot): string
  /** Brings it before the reader. */
  go(spot: Spot): void
}

const NOWHERE: Spot = { file: null, frame: null, seconds: null }
const PIXELS: Scale = { unit: 'px', across: 1, down: 1, from: null }

export function groundOfSeries(looking: Looking, frame: () => Frame | null): Ground {
  const places = new Map(looking.steps.map(({ file, frame: number }, at) => [`${file.id} ${number}`, at]))
  const at = ({ file, frame: number }: Spot): number | null => places.get(`${file} ${number ?? 0}`) ?? null
  return {
    media: looking.media,
    get spot() {
      return looking.step === null ? NOWHERE : { file: looking.step.file.id, frame: looking.step.frame, seconds: null }
    },
    get picture() {
      return looking.picture
    },
    get view() {
      return looking.view
    },
    get pointer() {
      return looking.pointer
    },
    get frame() {
      return frame()
    },
    get values() {
      return looking.values
    },
    scale(spot, points) {
      const shown = dicomOf(looking.steps[at(spot) ?? -1] ?? null)
      return shown === null ? PIXELS : scaleAt(shown, points)
    },
    at,
    placeName(spot) {
      const place = at(spot)
      return looking.steps.length < 2 || place === null ? '' : t('viewer.imageOf', { at: place + 1, of: looking.steps.length })
    },
    go(spot) {
      const place = at(spot)
      if (place !== null) looking.go(place)
    },
  }
}

/** What has no numbers of its own: whatever is measured on it is told in pixels. */
function groundInPixels(
  looking: Pick<Ground, 'media' | 'picture' | 'view' | 'pointer'>,
  { spot, ...places }: Pick<Ground, 'at' | 'placeName' | 'go'> & { spot(): Spot },
): Ground {
  return {
    media: looking.media,
    get spot() {
      return spot()
    },
    get picture() {
      return looking.picture
    },
    get view() {
      return looking.view
    },
    get pointer() {
      return looking.pointer
    },
    frame: null,
    values: null,
    scale: () => PIXELS,
    ...places,
  }
}

export function groundOfPhoto(looking: PhotoLooking): Ground {
  return groundInPixels(looking, { spot: () => NOWHERE, at: () => 0, placeName: () => '', go: () => undefined })
}

/** A mark lies on the frame that was shown, and is gone with it: what it is about has moved on. */
export function groundOfFilm(film: Film): Ground {
  return groundInPixels(film, {
    spot: () => ({ ...NOWHERE, seconds: toMillis(film.seconds) }),
    at: ({ seconds }) => (seconds === null ? null : frameOf(seconds, film.rate)),
    placeName: ({ seconds }) => (seconds === null ? '' : clock(seconds)),
    go({ seconds }) {
      film.pause()
      if (seconds !== null) film.seek(seconds)
    },
  })
}

/** Of a document there is one file, whose pages are its frames. */
export function groundOfPages(looking: PagesLooking): Ground {
  return groundInPixels(looking, {
    spot: () => ({ ...NOWHERE, frame: looking.at }),
    at: ({ frame }) => frame,
    placeName: ({ frame }) => (looking.pages.length < 2 || frame === null ? '' : t('media.pageOf', { page: frame + 1, of: looking.pages.length })),
    go({ frame }) {
      if (frame !== null) looking.go(frame)
    },
  })
}

/** Finer than any frame lasts. */
const toMillis = (seconds: number): number => Math.round(seconds * 1000) / 1000
