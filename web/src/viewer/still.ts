/** What a kept view shows, painted once, as large as it stands in a text, by what the viewers paint with. [FOL-16] */
import { t } from '../i18n'
import type { Media } from '../media/api'
import { fetchPage, findPages } from '../media/pages'
import type { Carried } from './carried'
import { fetchPlace } from './decoding'
import { drawPaper } from './drawPaper'
import { EcgLooking } from './ecg.svelte'
import { type Affine, product, type Size, scaling } from './geometry'
import { Looking } from './looking.svelte'
import type { Tiles } from './manifest'
import { coarseOf, type OpenedSeries, openSeries, readCoarse, readSheets, readStep } from './opening'
import { PagesLooking } from './pages.svelte'
import { PhotoLooking } from './photo.svelte'
import { levelFor, tilesInSight } from './tiles'
import { placing } from './view'
import { contextOf, InSight, isLarge, paintWhole, type Windowed } from './windowing'

/** What is to be seen: of which medium of which case, how, and in how many pixels. */
export interface Wish {
  readonly case: string
  readonly media: Media
  readonly view: Carried
  readonly size: Size
}

interface Board {
  readonly context: CanvasRenderingContext2D
  readonly canvas: Size
  readonly stop: AbortSignal
}

/** An address that holds the picture itself. Null: nothing of it can be seen here. Throws errors of the network. */
export async function still(wish: Wish, stop: AbortSignal): Promise<string | null> {
  const canvas = document.createElement('canvas')
  ;[canvas.width, canvas.height] = [wish.size.width, wish.size.height]
  const context = canvas.getContext('2d')
  if (context === null) return null
  context.fillStyle = '#000'
  context.fillRect(0, 0, canvas.width, canvas.height)
  const isThere = await painterFor(wish)(wish, { context, canvas, stop })
  stop.throwIfAborted()
  return isThere ? canvas.toDataURL('image/png') : null
}

type Paint = (wish: Wish, board: Board) => Promise<boolean>

function painterFor({ media }: Wish): Paint {
  if (media.preview?.contentType.startsWith('video/') === true) return paintFilm
  if (media.kind === 'dicom') return paintSeries
  if (media.kind === 'pdf') return paintPage
  if (media.kind === 'ecg') return paintEcg
  return media.kind === 'photo' ? paintPhoto : () => Promise.resolve(false)
}

/** Larger than this a pixel is a square, as in the viewer. */
const SQUARE_FROM = 8

async function paintSeries({ case: id, media, view }: Wish, { context, canvas, stop }: Board): Promise<boolean> {
  const opened = await openSeries(id, media.id, stop)
  const looking = new Looking(media.id, opened.steps, view)
  const { step, picture } = looking
  if (step === null || looking.shown === null) return false
  const placed = placing(looking.view, picture, canvas)
  const coarse = coarseOf(step.file)
  // Where fewer pixels are seen than the coarse one has, the exact one is fetched for nothing.
  const by = coarse !== null && scaleOf(placed) * coarse.step <= 1 ? coarse.step : 1
  const frame = await (by > 1 ? readCoarse : readStep)(step, opened.addresses, stop)
  paintFrame(context, canvas, product(placed, scaling(by, by)), { frame, values: looking.values, showing: looking.showing(frame) })
  return true
}

function paintFrame(context: CanvasRenderingContext2D, canvas: Size, placed: Affine, windowed: Windowed): void {
  place(context, placed)
  context.imageSmoothingEnabled = scaleOf(placed) < SQUARE_FROM
  if (isLarge(windowed)) {
    const inSight = new InSight().painted(windowed, placed, canvas)
    if (inSight !== null) context.drawImage(inSight.canvas, inSight.part.left, inSight.part.top, inSight.part.width, inSight.part.height)
    return
  }
  const whole = contextOf(windowed.frame)
  if (whole === null) return
  paintWhole(windowed, whole)
  context.drawImage(whole.canvas, 0, 0)
}

async function paintPhoto({ case: id, media, view }: Wish, { context, canvas, stop }: Board): Promise<boolean> {
  const { preview } = media
  if (preview === null) return false
  const small = await imageAt(preview.url, stop)
  const picture = { width: media.width ?? small.width, height: media.height ?? small.height, aspect: 1 }
  const looking = new PhotoLooking(media.id, picture, view)
  const placed = placing(looking.view, picture, canvas)
  place(context, placed)
  context.filter = looking.filter
  context.drawImage(small, 0, 0, picture.width, picture.height)
  small.close()
  if (scaleOf(placed) > (preview.width ?? 0) / picture.width) await paintTiles(await openSeries(id, media.id, stop), placed, { context, canvas, stop })
  return true
}

/** Over the small picture, what is sharper. */
async function paintTiles(opened: OpenedSeries, placed: Affine, { context, canvas, stop }: Board): Promise<void> {
  const file = opened.series.files[0]
  const path = file?.paths.get('tiles')
  const tiles: Tiles | null = file?.shown?.is === 'picture' ? file.shown.tiles : null
  if (tiles === null || path === undefined) return
  for (const tile of tilesInSight(tiles, levelFor(tiles, placed), placed, canvas)) {
    const bitmap = await createImageBitmap(new Blob([await fetchPlace(await opened.addresses.of(path), tile.place, stop)]))
    context.drawImage(bitmap, tile.x, tile.y, tile.width, tile.height)
    bitmap.close()
  }
}

async function paintPage({ case: id, media, view }: Wish, { context, canvas, stop }: Board): Promise<boolean> {
  const { pages, all } = await findPages(id, media.id, stop)
  const looking = new PagesLooking(media.id, pages?.pages ?? [], view)
  const page = looking.pages[looking.at]
  if (pages === null || page === undefined) return false
  const bitmap = await createImageBitmap(await fetchPage(all, page, pages.contentType, stop))
  place(context, placing(looking.view, looking.picture, canvas))
  context.drawImage(bitmap, 0, 0, page.width, page.height)
  bitmap.close()
  return true
}

async function paintEcg({ case: id, media, view }: Wish, { context, canvas, stop }: Board): Promise<boolean> {
  const looking = new EcgLooking(media.id, await readSheets(id, media.id, stop), view)
  const { curves, picture: paper, speed, gain, isCalibrated } = looking
  if (curves === null) return false
  drawPaper(context, placing(looking.view, paper, canvas), canvas, { paper, hertz: curves.hertz, speed, gain, hasPulse: isCalibrated, missing: (lead) => t('viewer.ecg.missing', { lead }) })
  return true
}

async function paintFilm({ media, view }: Wish, { context, canvas, stop }: Board): Promise<boolean> {
  if (media.preview === null) return false
  const video = document.createElement('video')
  try {
    await seeked(video, media.preview.url, view.seconds ?? 0, stop)
    const picture = { width: media.width ?? video.videoWidth, height: media.height ?? video.videoHeight, aspect: 1 }
    place(context, placing(view.view, picture, canvas))
    context.drawImage(video, 0, 0, picture.width, picture.height)
    return true
  } finally {
    // Lets go of what was fetched.
    video.removeAttribute('src')
    video.load()
  }
}

/** Until the frame of this moment is there. */
async function seeked(video: HTMLVideoElement, url: string, seconds: number, stop: AbortSignal): Promise<void> {
  video.crossOrigin = 'anonymous'
  video.muted = true
  video.playsInline = true
  video.preload = 'auto'
  video.src = url
  await happening(video, 'loadeddata', stop)
  video.currentTime = Math.min(seconds, video.duration || 0)
  await happening(video, 'seeked', stop)
}

function happening(video: HTMLVideoElement, name: 'loadeddata' | 'seeked', stop: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(new Error('the film was not read'))
    video.addEventListener(name, () => resolve(), { once: true })
    video.addEventListener('error', giveUp, { once: true })
    stop.addEventListener('abort', giveUp, { once: true })
  })
}

async function imageAt(url: string, stop: AbortSignal): Promise<ImageBitmap> {
  const answer = await fetch(url, { credentials: 'omit', signal: stop })
  if (!answer.ok) throw new Error(`the store answered ${answer.status}`)
  return createImageBitmap(await answer.blob())
}

function place(context: CanvasRenderingContext2D, { a, b, c, d, e, f }: Affine): void {
  context.setTransform(a, b, c, d, e, f)
  context.imageSmoothingEnabled = true
  context.imageSmoothingQuality = 'high'
}

/** Of the canvas, for a pixel's width. */
const scaleOf = ({ a, b }: Affine): number => Math.hypot(a, b)
