/** Images and files of a case, and what is on its way there, as the server tells it. */
import { type Answer, ask } from '../api'
import { type Fields, fields, list, number, oneOf, optionalText, text } from '../parse'

/** What the server says that an upload is. */
export const UPLOAD_STATES = [
  'requested',
  'uploading',
  'quarantined',
  'cleaning',
  'ready',
  'needs-review',
  'rejected',
  'cancelled',
  'expired',
] as const
export type UploadState = (typeof UPLOAD_STATES)[number]

export const KINDS = ['photo', 'dicom', 'video', 'pdf', 'ecg'] as const
export type Kind = (typeof KINDS)[number]

/** One file on its way, as the server knows it. */
export interface Upload {
  readonly id: string
  /** As it is called where it came from; only its sender is told, and only until it has arrived. */
  readonly name: string
  readonly size: number
  /** Hex. */
  readonly digest: string
  readonly state: UploadState
  readonly reason: string | null
  readonly kind: Kind | null
  readonly at: number
  /** Numbers of the parts that the store has. */
  readonly partsDone: readonly number[]
  readonly done: number
  readonly total: number
  readonly media: string | null
  readonly mayRetry: boolean
  readonly isMine: boolean
}

export interface Uploads {
  readonly uploads: readonly Upload[]
  readonly waitingOfOthers: number
}

export interface ToBegin {
  readonly name: string
  readonly size: number
  readonly digest: string
}

export type Begun =
  | { readonly outcome: 'begun'; readonly upload: Upload }
  | { readonly outcome: 'duplicate'; readonly media: string | null }
  | { readonly outcome: 'refused'; readonly reason: string; readonly limitBytes: number | null }

export interface ToSign {
  readonly number: number
  /** Hex. */
  readonly sha256: string
}

/** A request that the browser sends to the store as it is. */
export interface SignedPart {
  readonly number: number
  readonly url: string
  readonly headers: ReadonlyMap<string, string>
  readonly expiresAt: number
}

/** Something that a browser reads straight from the store, for a while. */
export interface Source {
  readonly url: string
  readonly contentType: string
  readonly width: number | null
  readonly height: number | null
  readonly expiresAt: number
}

export interface Author {
  readonly id: string
  /** Empty: there is no such account any more. */
  readonly name: string
}

export interface Media {
  readonly id: string
  readonly kind: Kind
  readonly caption: string
  readonly alt: string
  /** What a change must name, so that two people's changes never overwrite each other. */
  readonly version: number
  readonly by: Author
  readonly at: number
  readonly files: number
  readonly width: number | null
  readonly height: number | null
  readonly frames: number | null
  readonly seconds: number | null
  readonly thumbnail: Source | null
  readonly preview: Source | null
  readonly certificate: ReadonlyMap<string, unknown> | null
}

export interface MediaFile {
  readonly id: string
  readonly size: number
  readonly contentType: string
  readonly renditions: readonly Rendition[]
}

/** Made for viewers: a page, a frame. */
export interface Rendition extends Source {
  readonly role: string
}

export interface MediaWithFiles extends Media {
  readonly fileList: readonly MediaFile[]
}

export interface MediaList {
  readonly media: readonly Media[]
  readonly removed: readonly Media[]
}

/** In pixels of the picture, from its left upper corner; `frame` null: in all of them. */
export interface Blank {
  readonly frame: number | null
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Stroke {
  readonly points: readonly (readonly [x: number, y: number])[]
  readonly width: number
}

export interface ReviewPicture {
  /** Null: what is marked on it holds for all of them. */
  readonly frame: number | null
  /** Null: it is on its way. */
  readonly url: string | null
  readonly width: number
  readonly height: number
}

export interface ToReview {
  readonly pictures: readonly ReviewPicture[]
  readonly suggested: readonly Blank[]
}

const address = (id: string, ...rest: readonly string[]): string => ['/api/cases', id, ...rest].map((part, at) => (at === 0 ? part : encodeURIComponent(part))).join('/')

export function listUploads(id: string): Promise<Answer<Uploads>> {
  return ask('GET', address(id, 'uploads'), null, (body) => ({
    uploads: list(body, 'uploads', (each) => readUpload(fields(each))),
    waitingOfOthers: number(body, 'waiting_of_others'),
  }))
}

export function beginUploads(id: string, files: readonly ToBegin[], stop: AbortSignal | null = null): Promise<Answer<readonly Begun[]>> {
  return ask('POST', address(id, 'uploads'), { files }, (body) => list(body, 'uploads', (each) => readBegun(fields(each))), stop)
}

export function signParts(id: string, upload: string, parts: readonly ToSign[], stop: AbortSignal | null = null): Promise<Answer<readonly SignedPart[]>> {
  return ask('POST', address(id, 'uploads', upload, 'parts'), { parts }, (body) => list(body, 'parts', (each) => readSigned(fields(each))), stop)
}

export function completeUpload(id: string, upload: string, stop: AbortSignal | null = null): Promise<Answer<Upload>> {
  return ask('POST', address(id, 'uploads', upload, 'complete'), {}, readUpload, stop)
}

export function dropUpload(id: string, upload: string): Promise<Answer<null>> {
  return ask('DELETE', address(id, 'uploads', upload), null, () => null)
}

export function retryUpload(id: string, upload: string): Promise<Answer<null>> {
  return ask('POST', address(id, 'uploads', upload, 'retry'), {}, () => null)
}

export function toReview(id: string, upload: string): Promise<Answer<ToReview>> {
  return ask('GET', address(id, 'uploads', upload, 'review'), null, (body) => ({
    pictures: list(body, 'pictures', (each) => readPicture(fields(each))),
    suggested: list(body, 'suggested', (each) => readBlank(fields(each))),
  }))
}

export function review(id: string, upload: string, blank: readonly Blank[]): Promise<Answer<null>> {
  return ask('POST', address(id, 'uploads', upload, 'review'), { blank, confirmed: true }, () => null)
}

export function listMedia(id: string): Promise<Answer<MediaList>> {
  return ask('GET', address(id, 'media'), null, (body) => ({
    media: list(body, 'media', (each) => readMedia(fields(each))),
    removed: list(body, 'removed', (each) => readMedia(fields(each))),
  }))
}

export function openMedia(id: string, media: string): Promise<Answer<MediaWithFiles>> {
  return ask('GET', address(id, 'media', media), null, (body) => {
    return { ...readMedia(body), fileList: list(body, 'file_list', (each) => readFile(fields(each))) }
  })
}

export function describe(id: string, media: string, said: { readonly caption?: string; readonly alt?: string; readonly version: number }): Promise<Answer<Media>> {
  return ask('PATCH', address(id, 'media', media), said, readMedia)
}

export function orderMedia(id: string, media: readonly string[]): Promise<Answer<null>> {
  return ask('PUT', address(id, 'media'), { media }, () => null)
}

export function removeMedia(id: string, media: string): Promise<Answer<null>> {
  return ask('DELETE', address(id, 'media', media), null, () => null)
}

export function restoreMedia(id: string, media: string): Promise<Answer<null>> {
  return ask('POST', address(id, 'media', media, 'restore'), {}, () => null)
}

export function redact(id: string, media: string, file: string, blank: readonly Blank[], strokes: readonly Stroke[]): Promise<Answer<null>> {
  return ask('POST', address(id, 'media', media, 'redact'), { file, blank, strokes }, () => null)
}

/** A file to keep, by a name that says nothing of whom it shows. */
export interface Download {
  readonly id: string
  readonly name: string
  readonly url: string
  readonly size: number
}

export function downloadMedia(id: string, media: string): Promise<Answer<readonly Download[]>> {
  return ask('POST', address(id, 'media', media, 'download'), {}, (body) =>
    list(body, 'files', (each) => ({ id: text(fields(each), 'id'), name: text(fields(each), 'name'), url: text(fields(each), 'url'), size: number(fields(each), 'size') })),
  )
}

function readBegun(from: Fields): Begun {
  switch (oneOf(from, 'outcome', ['begun', 'duplicate', 'refused'] as const)) {
    case 'begun':
      return { outcome: 'begun', upload: readUpload(from) }
    case 'duplicate':
      return { outcome: 'duplicate', media: optionalText(from, 'duplicate_of') ?? optionalText(from, 'media') }
    case 'refused':
      return { outcome: 'refused', reason: optionalText(from, 'reason') ?? '', limitBytes: optionalNumber(from, 'limit_bytes') }
  }
}

export function readUpload(from: Fields): Upload {
  const progress = from.get('progress')
  const { done, total } = progress === undefined || progress === null ? { done: 0, total: 0 } : readProgress(fields(progress))
  return {
    id: text(from, 'id'),
    name: optionalText(from, 'name') ?? '',
    size: number(from, 'size'),
    digest: text(from, 'digest'),
    state: oneOf(from, 'state', UPLOAD_STATES),
    reason: optionalText(from, 'reason'),
    kind: optionalKind(from),
    at: number(from, 'at'),
    partsDone: list(from, 'parts_done', Number),
    done,
    total,
    media: optionalText(from, 'media'),
    mayRetry: from.get('can_retry') === true,
    isMine: from.get('is_mine') === true,
  }
}

function readProgress(from: Fields): { done: number; total: number } {
  return { done: optionalNumber(from, 'done') ?? 0, total: optionalNumber(from, 'total') ?? 0 }
}

/** What a later release takes is shown without saying what it is. */
function optionalKind(from: Fields): Kind | null {
  const value = optionalText(from, 'kind')
  return KINDS.find((kind) => kind === value) ?? null
}

function readSigned(from: Fields): SignedPart {
  const headers = fields(from.get('headers') ?? {})
  return {
    number: number(from, 'number'),
    url: text(from, 'url'),
    headers: new Map([...headers.keys()].map((name) => [name, text(headers, name)])),
    expiresAt: number(from, 'expires_at'),
  }
}

function readMedia(from: Fields): Media {
  return {
    id: text(from, 'id'),
    kind: oneOf(from, 'kind', KINDS),
    caption: optionalText(from, 'caption') ?? '',
    alt: optionalText(from, 'alt') ?? '',
    version: number(from, 'version'),
    by: readAuthor(from.get('by')),
    at: number(from, 'at'),
    files: typeof from.get('files') === 'number' ? number(from, 'files') : 1,
    width: optionalNumber(from, 'width'),
    height: optionalNumber(from, 'height'),
    frames: optionalNumber(from, 'frames'),
    seconds: optionalNumber(from, 'seconds'),
    thumbnail: optionalSource(from, 'thumbnail'),
    preview: optionalSource(from, 'preview'),
    certificate: from.get('certificate') === undefined || from.get('certificate') === null ? null : fields(from.get('certificate')),
  }
}

function readAuthor(value: unknown): Author {
  const from = fields(value)
  return { id: text(from, 'id'), name: optionalText(from, 'name') ?? '' }
}

function readFile(from: Fields): MediaFile {
  return {
    id: text(from, 'id'),
    size: number(from, 'size'),
    contentType: text(from, 'content_type'),
    renditions: list(from, 'renditions', (each) => ({ ...readSource(fields(each)), role: text(fields(each), 'role') })),
  }
}

function readPicture(from: Fields): ReviewPicture {
  return { frame: optionalNumber(from, 'frame'), url: text(from, 'url'), width: number(from, 'width'), height: number(from, 'height') }
}

function readBlank(from: Fields): Blank {
  return { frame: optionalNumber(from, 'frame'), x: number(from, 'x'), y: number(from, 'y'), width: number(from, 'width'), height: number(from, 'height') }
}

function optionalSource(from: Fields, name: string): Source | null {
  const value = from.get(name)
  return value === undefined || value === null ? null : readSource(fields(value))
}

function readSource(source: Fields): Source {
  return {
    url: text(source, 'url'),
    contentType: optionalText(source, 'content_type') ?? 'image/jpeg',
    width: optionalNumber(source, 'width'),
    height: optionalNumber(source, 'height'),
    expiresAt: optionalNumber(source, 'expires_at') ?? Infinity,
  }
}

function optionalNumber(from: Fields, name: string): number | null {
  const value = from.get(name)
  return typeof value === 'number' ? value : null
}
