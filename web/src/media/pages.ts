/** The pages of a document: where each stands in the one object that holds them all (docs/media-manifest.md). */
import { type Fields, fields, list, number, text } from '../parse'
import { openMedia } from './api'

export interface Page {
  readonly width: number
  readonly height: number
  /** In bytes. */
  readonly offset: number
  readonly length: number
}

export interface Pages {
  readonly contentType: string
  readonly pages: readonly Page[]
}

const FORMAT = 'media-manifest/1'

/** Throws `Unreadable` for a manifest of another kind or release. */
export function readPages(manifest: unknown): Pages | null {
  const from = fields(manifest)
  if (text(from, 'format') !== FORMAT || !from.has('pages')) return null
  return { contentType: text(from, 'page_content_type'), pages: list(from, 'pages', (each) => readPage(fields(each))) }
}

function readPage(from: Fields): Page {
  const [offset, length] = list(from, 'place', Number)
  return { width: number(from, 'width'), height: number(from, 'height'), offset: offset ?? 0, length: length ?? 0 }
}

/** Where the pages of a document are, for now, and what is known of them. Throws where there are none, and errors of the network. */
export async function findPages(id: string, media: string, stop: AbortSignal): Promise<{ readonly pages: Pages | null; readonly all: string }> {
  const { manifest, all } = await wherePagesAre(id, media)
  return { pages: readPages(await (await fetch(manifest, { credentials: 'omit', signal: stop })).json()), all }
}

/** The addresses of what tells of the pages, and of the pages. */
export async function wherePagesAre(id: string, media: string): Promise<{ readonly manifest: string; readonly all: string }> {
  const answer = await openMedia(id, media)
  const renditions = answer.ok ? (answer.value.fileList[0]?.renditions ?? []) : []
  const [manifest, all] = ['manifest', 'pages'].map((role) => renditions.find((each) => each.role === role))
  if (manifest === undefined || all === undefined) throw new Error('there are no pages')
  return { manifest: manifest.url, all: all.url }
}

/** One page, and nothing else of the object. */
export async function fetchPage(url: string, { offset, length }: Page, contentType: string, stop: AbortSignal): Promise<Blob> {
  const answer = await fetch(url, { headers: { range: `bytes=${offset}-${offset + length - 1}` }, credentials: 'omit', signal: stop })
  if (answer.status !== 206) throw new Error(`the store answered ${answer.status}`)
  return new Blob([await answer.arrayBuffer()], { type: contentType })
}
