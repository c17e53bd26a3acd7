/** The pages of a document: where each stands in the one object that holds them all (docs/media-manifest.md). */
import { type Fields, fields, list, number, text } from '../parse'

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

/** One page, and nothing else of the object. */
export async function fetchPage(url: string, { offset, length }: Page, contentType: string, stop: AbortSignal): Promise<Blob> {
  const answer = await fetch(url, { headers: { range: `bytes=${offset}-${offset + length - 1}` }, credentials: 'omit', signal: stop })
  if (answer.status !== 206) throw new Error(`the store answered ${answer.status}`)
  return new Blob([await answer.arrayBuffer()], { type: contentType })
}
