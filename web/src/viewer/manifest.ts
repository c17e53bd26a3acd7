/** What a file says to those who show it: `media-manifest/1` (docs/media-manifest.md). */
import { type Fields, fields, list, number, oneOf, optionalText, text } from '../parse'
import type { Size } from './geometry'
import { type Table, type Values, type Window, WINDOW_FUNCTIONS, type WindowFunction } from './values'

const FORMAT = 'media-manifest/1'

/** In bytes, of the object that holds many. */
export interface Place {
  readonly offset: number
  readonly length: number
}

/** The same frames in fewer pixels, to be seen until the exact ones are here. */
export interface Coarse extends Size {
  /** So many pixels of the frame, across and down, are one. */
  readonly step: number
  readonly places: readonly Place[]
}

/** How the numbers of a frame are stored. */
export interface Pixels extends Size {
  readonly coding: 'gzip' | 'jpeg'
  /** 1: grey. 3: red, green, blue. */
  readonly samples: 1 | 3
  readonly bits: number
  readonly type: 'unsigned' | 'signed' | 'float'
  readonly places: readonly Place[]
  /** Null: frames are small, or were made before there were any. */
  readonly coarse: Coarse | null
  /** Of all frames; null for colours. */
  readonly lowest: number | null
  readonly highest: number | null
}

export const SPACING_SOURCES = ['pixel-spacing', 'imager-pixel-spacing', 'nominal-scanned', 'ultrasound-region'] as const
export type SpacingSource = (typeof SPACING_SOURCES)[number]

/** Millimetres from the middle of one pixel to the next: down (from row to row) and across. */
export interface Spacing {
  readonly row: number
  readonly column: number
  readonly from: SpacingSource
}

/** Where a slice lies in the body, in millimetres (PS3.3 §C.7.6.2.1.1). */
export interface Slice {
  readonly position: readonly number[] | null
  /** Where a row leads, and then where a column does. */
  readonly orientation: readonly number[] | null
  readonly thickness: number | null
  readonly location: number | null
}

/** A part of an ultrasound picture that has a scale of its own. */
export interface Region {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
  readonly row: number | null
  readonly column: number | null
}

/** What an enhanced object says of one frame alone. */
export interface FrameFacts {
  readonly slice: Slice | null
  readonly windows: readonly Window[]
  readonly slope: number | null
  readonly intercept: number | null
}

export interface DicomPicture {
  readonly pixels: Pixels
  readonly values: Values | null
  readonly spacing: Spacing | null
  readonly slice: Slice | null
  readonly frames: readonly FrameFacts[]
  readonly regions: readonly Region[]
  /** Of each frame; one for all; or null. */
  readonly frameMillis: readonly number[] | number | null
  readonly modality: string
  readonly laterality: string
  readonly view: string
  /** Positions are told in this one's axes: those of two files can be compared where it is the same. */
  readonly frameOfReference?: string | null
  /** Where rows and columns lead, in the file's own words (PS3.3 §C.7.6.1.1.1). */
  readonly directions: readonly (string | null)[]
}

/** One size of a picture that is cut into squares. */
export interface Level extends Size {
  readonly tiles: readonly (readonly Place[])[]
}

export interface Tiles {
  readonly tile: number
  readonly contentType: string
  /** The full size first, each half of the one before. */
  readonly levels: readonly Level[]
}

export type Shown =
  | { readonly is: 'dicom'; readonly picture: DicomPicture }
  | { readonly is: 'not-shown'; readonly because: string }
  | { readonly is: 'picture'; readonly width: number; readonly height: number; readonly tiles: Tiles | null }
  | { readonly is: 'film'; readonly rate: number | null; readonly hasSound: boolean }
  | { readonly is: 'other' }

/** Throws `Unreadable` for a manifest of another kind or release. */
export function readManifest(manifest: unknown): Shown {
  const from = fields(manifest)
  oneOf(from, 'format', [FORMAT] as const)
  const kind = text(from, 'kind')
  if (from.has('not_shown')) return { is: 'not-shown', because: text(from, 'not_shown') }
  if (kind === 'dicom') return { is: 'dicom', picture: readPicture(from) }
  if (kind === 'video') return { is: 'film', rate: optionalNumber(from, 'frames_per_second'), hasSound: from.get('has_sound') === true }
  if (kind !== 'photo') return { is: 'other' }
  const tiles = optional(from, 'tiles')
  return { is: 'picture', width: number(from, 'width'), height: number(from, 'height'), tiles: tiles === null ? null : readTiles(tiles) }
}

function readPicture(from: Fields): DicomPicture {
  const values = optional(from, 'values')
  const spacing = optional(from, 'spacing')
  const place = optional(from, 'place')
  const about = optional(from, 'picture')
  const order = optional(from, 'order')
  const millis = from.get('frame_millis')
  return {
    pixels: readPixels(fields(from.get('pixels'))),
    values: values === null ? null : readValues(values),
    spacing: spacing === null ? null : readSpacing(spacing),
    slice: place === null ? null : readSlice(place),
    frames: Array.isArray(from.get('frames')) ? list(from, 'frames', (each) => readFrame(fields(each))) : [],
    regions: optionalList(from, 'regions', (each) => readRegion(fields(each))),
    frameMillis: typeof millis === 'number' ? millis : Array.isArray(millis) ? millis.map(Number) : null,
    modality: about === null ? '' : (optionalText(about, 'modality') ?? ''),
    laterality: about === null ? '' : (optionalText(about, 'laterality') ?? ''),
    view: about === null ? '' : (optionalText(about, 'view') ?? ''),
    frameOfReference: order === null ? null : optionalText(order, 'frame_of_reference'),
    directions: about === null ? [] : optionalList(about, 'directions', (each) => (typeof each === 'string' ? each : null)),
  }
}

function readPixels(from: Fields): Pixels {
  const coarse = optional(from, 'coarse')
  return {
    coding: oneOf(from, 'coding', ['gzip', 'jpeg'] as const),
    samples: number(from, 'samples') === 1 ? 1 : 3,
    bits: number(from, 'bits'),
    type: oneOf(from, 'type', ['unsigned', 'signed', 'float'] as const),
    width: number(from, 'width'),
    height: number(from, 'height'),
    places: list(from, 'places', readPlace),
    coarse: coarse === null ? null : { step: number(coarse, 'step'), width: number(coarse, 'width'), height: number(coarse, 'height'), places: list(coarse, 'places', readPlace) },
    lowest: optionalNumber(from, 'lowest'),
    highest: optionalNumber(from, 'highest'),
  }
}

function readValues(from: Fields): Values {
  const table = optional(from, 'modality_table')
  return {
    slope: number(from, 'slope'),
    intercept: number(from, 'intercept'),
    modalityTable: table === null ? null : readTable(table),
    unit: optionalText(from, 'unit'),
    windows: list(from, 'windows', (each) => readWindow(fields(each))),
    windowFunction: readFunction(text(from, 'window_function')),
    tables: optionalList(from, 'tables', (each) => readTable(fields(each))),
    isInverted: from.get('invert') === true,
    padding: optionalNumber(from, 'padding'),
    paddingLimit: optionalNumber(from, 'padding_limit'),
  }
}

/** The standard's default for a word that it does not know. */
const readFunction = (word: string): WindowFunction => WINDOW_FUNCTIONS.find((each) => each === word) ?? 'LINEAR'

const readWindow = (from: Fields): Window => ({ centre: number(from, 'center'), width: number(from, 'width'), name: optionalText(from, 'name') ?? '' })

const readTable = (from: Fields): Table => ({ first: number(from, 'first'), entries: list(from, 'entries', Number) })

const readSpacing = (from: Fields): Spacing => ({ row: number(from, 'row'), column: number(from, 'column'), from: oneOf(from, 'from', SPACING_SOURCES) })

function readSlice(from: Fields): Slice {
  return {
    position: from.has('position') ? list(from, 'position', Number) : null,
    orientation: from.has('orientation') ? list(from, 'orientation', Number) : null,
    thickness: optionalNumber(from, 'thickness'),
    location: optionalNumber(from, 'location'),
  }
}

function readFrame(from: Fields): FrameFacts {
  const place = optional(from, 'place')
  return {
    slice: place === null ? null : readSlice(place),
    windows: optionalList(from, 'windows', (each) => readWindow(fields(each))),
    slope: optionalNumber(from, 'slope'),
    intercept: optionalNumber(from, 'intercept'),
  }
}

function readRegion(from: Fields): Region {
  const [left = 0, top = 0, right = 0, bottom = 0] = list(from, 'box', Number)
  return { left, top, right, bottom, row: optionalNumber(from, 'row'), column: optionalNumber(from, 'column') }
}

function readTiles(from: Fields): Tiles {
  return {
    tile: number(from, 'tile'),
    contentType: text(from, 'content_type'),
    levels: list(from, 'levels', (each) => readLevel(fields(each))),
  }
}

function readLevel(from: Fields): Level {
  return {
    width: number(from, 'width'),
    height: number(from, 'height'),
    tiles: list(from, 'tiles', (row) => list(new Map([['row', row]]), 'row', readPlace)),
  }
}

function readPlace(value: unknown): Place {
  const [offset, length] = list(new Map([['place', value]]), 'place', Number)
  return { offset: offset ?? 0, length: length ?? 0 }
}

function optional(from: Fields, name: string): Fields | null {
  const value = from.get(name)
  return value === undefined || value === null ? null : fields(value)
}

function optionalNumber(from: Fields, name: string): number | null {
  const value = from.get(name)
  return typeof value === 'number' ? value : null
}

function optionalList<T>(from: Fields, name: string, read: (item: unknown) => T): readonly T[] {
  return from.get(name) === undefined || from.get(name) === null ? [] : list(from, name, read)
}
