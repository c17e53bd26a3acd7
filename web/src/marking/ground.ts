/** What marks lie on: a picture as somebody has it before them, and the others of the same medium. */
import { type Annotation, type Shape, SHAPES, type Spot } from '../annotations/annotation'
import { t } from '../i18n'
import { areCalibrated } from '../viewer/curves'
import type { Frame } from '../viewer/decoding'
import { type EcgLooking, layoutOf, sheetOf } from '../viewer/ecg.svelte'
import { figure } from '../viewer/figures'
import type { Film } from '../viewer/film.svelte'
import { clock } from '../viewer/figures'
import { frameOf } from '../viewer/filmTime'
import type { Point } from '../viewer/geometry'
import { dicomOf, type Looking } from '../viewer/looking.svelte'
import { type Scale, scaleAt } from '../viewer/measuring'
import type { PagesLooking } from '../viewer/pages.svelte'
import { LEFT_MM } from '../viewer/paper'
import type { PhotoLooking } from '../viewer/photo.svelte'
import type { Values } from '../viewer/values'
import type { Picture, View } from '../viewer/view'
import { intervalOf, type Measure, measureOf } from './measures'
import { sheetBefore, stripAt } from './printing'

/** Where something is drawn, and what. */
export type Measurable = Pick<Annotation, 'shape' | 'points' | 'spot'>

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
  /** What may be drawn on it. */
  readonly shapes: readonly Shape[]
  /** Null: it measures nothing here. */
  measure(mark: Measurable): Measure | null
  /** A place in the picture, alone or in a mark, for those who do not see it. */
  pointName(at: Point, mark: Pick<Annotation, 'shape' | 'points'> | null): string
  /** In its order: a medium's first picture has 0; null: it is not of this medium. */
  at(spot: Spot): number | null
  /** As it is called: "Image 3 of 12"; empty where there is but one. */
  placeName(spot: Spot): string
  /** Brings it before the reader. */
  go(spot: Spot): void
}

const NOWHERE: Spot = { file: null, frame: null, seconds: null }
const PIXELS: Scale = { unit: 'px', across: 1, down: 1, from: null }

const pixelName = ({ x, y }: Point): string => t('marks.at', { x: Math.floor(x), y: Math.floor(y) })

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
    shapes: SHAPES,
    measure({ shape, points, spot }) {
      const shown = dicomOf(looking.steps[at(spot) ?? -1] ?? null)
      return measureOf(shape, points, shown === null ? PIXELS : scaleAt(shown, points), looking.picture.aspect)
    },
    pointName: pixelName,
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

/** What has no numbers of its own: unless `others` know better, all is drawn on it, and measured in pixels. */
function groundWithout(
  looking: Pick<Ground, 'media' | 'picture' | 'view' | 'pointer'>,
  { spot, ...others }: Pick<Ground, 'at' | 'placeName' | 'go'> & Partial<Pick<Ground, 'shapes' | 'measure' | 'pointName'>> & { spot(): Spot },
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
    shapes: SHAPES,
    measure: ({ shape, points }) => measureOf(shape, points, PIXELS, looking.picture.aspect),
    pointName: pixelName,
    ...others,
  }
}

export function groundOfPhoto(looking: PhotoLooking): Ground {
  return groundWithout(looking, { spot: () => NOWHERE, at: () => 0, placeName: () => '', go: () => undefined })
}

/** A mark lies on the frame that was shown, and is gone with it: what it is about has moved on. */
export function groundOfFilm(film: Film): Ground {
  return groundWithout(film, {
    spot: () => ({ ...NOWHERE, seconds: toMillis(film.seconds) }),
    at: ({ seconds }) => (seconds === null ? null : frameOf(seconds, film.rate)),
    placeName: ({ seconds }) => (seconds === null ? '' : clock(seconds)),
    go({ seconds }) {
      film.pause()
      if (seconds !== null) film.seek(seconds)
    },
  })
}

/** Of a document there is one file, whose pages are its frames. How many pixels a page was painted with says nothing; an angle is one. */
export function groundOfPages(looking: PagesLooking): Ground {
  return groundWithout(looking, {
    spot: () => ({ ...NOWHERE, frame: looking.at }),
    measure({ shape, points }) {
      const found = measureOf(shape, points, PIXELS, looking.picture.aspect)
      return found?.is === 'angle' ? found : null
    },
    at: ({ frame }) => frame,
    placeName: ({ frame }) => (looking.pages.length < 2 || frame === null ? '' : t('media.pageOf', { page: frame + 1, of: looking.pages.length })),
    go({ frame }) {
      if (frame !== null) looking.go(frame)
    },
  })
}

/** Of an ECG each layout of a sheet is a frame. Its marks are on the paper that is shown (`printed`). [MARK-11] */
export function groundOfEcg(looking: EcgLooking): Ground {
  const at = ({ frame }: Spot): number | null => (frame === null ? null : looking.pictureOf(frame))
  return groundWithout(looking, {
    spot: () => ({ ...NOWHERE, frame: looking.pictureOf(looking.frame) }),
    // What angles and areas there are depends on the paper.
    shapes: ['point', 'rectangle', 'ellipse', 'freehand', 'arrow', 'length'],
    measure({ shape, points, spot }) {
      const curves = looking.sheets[sheetOf(at(spot) ?? -1)]
      return curves === undefined ? null : intervalOf(shape, points, looking, areCalibrated(curves))
    },
    pointName(point, mark) {
      const strip = stripAt(point, mark, sheetBefore(looking))
      const moment = t('marks.atMoment', { seconds: figure(Math.round(((point.x - LEFT_MM) / looking.speed) * 1000) / 1000) })
      return strip === null ? moment : `${strip.name}, ${moment}`
    },
    at,
    placeName(spot) {
      const frame = at(spot)
      if (frame === null) return ''
      const sheet = looking.sheets.length < 2 ? '' : t('media.pageOf', { page: sheetOf(frame) + 1, of: looking.sheets.length })
      return [sheet, t(`viewer.ecg.${layoutOf(frame)}`)].filter((each) => each !== '').join(' · ')
    },
    go({ frame }) {
      if (frame !== null) looking.goToFrame(frame)
    },
  })
}

/** Finer than any frame lasts. */
const toMillis = (seconds: number): number => Math.round(seconds * 1000) / 1000
