/** A Word file as HTML. It may come from anybody: only the parts with text are unpacked, up to a bound, and nothing is fetched. */
import { unzipSync, zipSync } from 'fflate'
import mammoth from 'mammoth'
import type { Refusal } from './sniff'

/** What a Word file has that HTML of a record does not, and how often. */
export interface LeftOut {
  readonly footnotes: number
  readonly comments: number
  readonly deletions: number
  readonly equations: number
  readonly objects: number
  readonly headers: number
}

export type WordRead =
  | { readonly ok: true; readonly html: string; readonly leftOut: LeftOut; readonly isOurs: boolean }
  | { readonly ok: false; readonly why: Refusal }

/** Unpacked, all parts with text together. A book of a thousand pages has about 20 MB. */
const MAX_UNPACKED_BYTES = 60_000_000
const MAX_PARTS = 5000
const TEXT_PARTS =
  /^(?:\[Content_Types\]\.xml|_rels\/\.rels|docProps\/core\.xml|word\/(?:document|styles|numbering|footnotes|endnotes|comments)\d*\.xml|word\/_rels\/document\d*\.xml\.rels)$/

const STYLES = ["p[style-name='Title'] => h1:fresh", "p[style-name='Subtitle'] => p:fresh"]

export async function readWord(bytes: Uint8Array): Promise<WordRead> {
  const parts = unpack(bytes)
  if (typeof parts === 'string') return { ok: false, why: parts }
  const main = Object.keys(parts).find((name) => /^word\/document\d*\.xml$/.test(name))
  if (main === undefined) return { ok: false, why: 'broken' }
  const leftOut = count(parts, main)
  try {
    // Packed again without its pictures and without compression: what is read next cannot grow any more.
    const { buffer } = zipSync(parts, { level: 0 })
    const input = { arrayBuffer: buffer, buffer } // browsers take the one, Node the other
    const { value } = await mammoth.convertToHtml(input, {
      includeEmbeddedStyleMap: false,
      externalFileAccess: false,
      styleMap: STYLES,
      convertImage: mammoth.images.imgElement(() => Promise.resolve({ src: '' })), // counted and dropped by the cleaner
    })
    return { ok: true, html: value, leftOut, isOurs: textOf(parts, 'docProps/core.xml').includes('<dc:creator>Consilium</dc:creator>') }
  } catch {
    return { ok: false, why: 'broken' }
  }
}

type Parts = Record<string, Uint8Array<ArrayBuffer>>

function unpack(bytes: Uint8Array): Parts | Refusal {
  let unpacked = 0
  let seen = 0
  try {
    // A part is written into as many bytes as the directory promises, and no more: one that lies is cut off.
    const parts = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        seen += 1
        const wanted = TEXT_PARTS.test(name)
        if (wanted) unpacked += originalSize
        if (seen > MAX_PARTS || unpacked > MAX_UNPACKED_BYTES) throw new TooMuch()
        return wanted
      },
    })
    return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, new Uint8Array(part)]))
  } catch (error) {
    return error instanceof TooMuch ? 'bomb' : 'broken'
  }
}

class TooMuch extends Error {}

function textOf(parts: Parts, name: string): string {
  const part = parts[name]
  return part === undefined ? '' : new TextDecoder().decode(part)
}

function count(parts: Parts, main: string): LeftOut {
  const text = textOf(parts, main)
  const times = (pattern: RegExp): number => text.match(pattern)?.length ?? 0
  return {
    footnotes: times(/<w:(?:foot|end)noteReference\b/g),
    comments: times(/<w:commentReference\b/g),
    deletions: times(/<w:del\b/g),
    equations: times(/<m:oMath\b/g),
    objects: times(/<w:object\b|<c:chart\b|<dgm:relIds\b/g),
    headers: times(/<w:(?:header|footer)Reference\b/g) > 0 ? 1 : 0,
  }
}
