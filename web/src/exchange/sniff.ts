/** What a file is, by what is in it and not by its name, and its text if it is one. */

export type Refusal = 'too-large' | 'empty' | 'pdf' | 'old-word' | 'rtf' | 'open-document' | 'spreadsheet' | 'picture' | 'archive' | 'binary' | 'broken' | 'bomb' | 'slow'

export type TextKind = 'markdown' | 'text' | 'html'

export interface TextFile {
  readonly kind: TextKind
  readonly text: string
  /** What it was read as, where it did not say and was not UTF-8. */
  readonly guessed: string | null
}

export type Sniffed =
  | { readonly kind: 'word' }
  | { readonly kind: 'refused'; readonly why: Refusal }
  | ({ readonly kind: 'texts' } & { readonly file: TextFile })

/** Far above what a section takes, pictures included, and little enough to be held in memory several times. */
export const MAX_FILE_BYTES = 20_000_000

const BEGINNINGS: readonly (readonly [string, Refusal])[] = [
  ['%PDF-', 'pdf'],
  ['{\\rtf', 'rtf'],
  ['\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'old-word'],
  ['\x89PNG', 'picture'],
  ['\xff\xd8\xff', 'picture'],
  ['GIF8', 'picture'],
  ['BM', 'picture'],
  ['II*\0', 'picture'],
  ['MM\0*', 'picture'],
  ['\x1f\x8b', 'archive'],
  ['7z\xbc\xaf', 'archive'],
  ['Rar!', 'archive'],
]

export function sniff(bytes: Uint8Array, name: string): Sniffed {
  if (bytes.length > MAX_FILE_BYTES) return { kind: 'refused', why: 'too-large' }
  if (bytes.length === 0) return { kind: 'refused', why: 'empty' }
  const start = latin1(bytes.subarray(0, 4096))
  if (start.startsWith('PK\x03\x04') || start.startsWith('PK\x05\x06')) return sniffZip(bytes)
  const refused = BEGINNINGS.find(([beginning]) => start.startsWith(beginning) && !(beginning === 'BM' && !start.slice(2, 14).includes('\0')))
  if (refused !== undefined) return { kind: 'refused', why: refused[1] }
  if (start.slice(128, 132) === 'DICM' || start.startsWith('RIFF')) return { kind: 'refused', why: 'picture' }
  const { text, guessed } = decode(bytes, start)
  if (text === null) return { kind: 'refused', why: 'binary' }
  if (text.trim() === '') return { kind: 'refused', why: 'empty' }
  return { kind: 'texts', file: { kind: textKind(text, name), text, guessed } }
}

/** The names of the parts stand uncompressed in the archive: no need to open it to see what it is. */
function sniffZip(bytes: Uint8Array): Sniffed {
  const names = `${latin1(bytes.subarray(0, 65_536))}${latin1(bytes.subarray(-131_072))}`
  if (names.includes('word/document')) return { kind: 'word' }
  if (names.includes('mimetypeapplication/vnd.oasis.opendocument')) return { kind: 'refused', why: 'open-document' }
  if (names.includes('xl/workbook') || names.includes('ppt/presentation')) return { kind: 'refused', why: 'spreadsheet' }
  return { kind: 'refused', why: 'archive' }
}

function latin1(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return text
}

function decode(bytes: Uint8Array, start: string): { text: string | null; guessed: string | null } {
  const marked = start.startsWith('\xff\xfe') ? 'utf-16le' : start.startsWith('\xfe\xff') ? 'utf-16be' : unmarkedUtf16(start)
  if (marked !== null) return { text: textOrNull(new TextDecoder(marked).decode(bytes)), guessed: null }
  try {
    return { text: textOrNull(new TextDecoder('utf-8', { fatal: true }).decode(bytes)), guessed: null }
  } catch {
    const declared = /<meta[^>]+charset\s*=\s*["']?([\w-]+)/i.exec(start)?.[1]
    const decoder = decoderFor(declared)
    const text = textOrNull(decoder.decode(bytes))
    return { text, guessed: declared !== undefined && decoder.encoding !== 'windows-1252' ? null : 'Windows-1252' }
  }
}

function decoderFor(declared: string | undefined): TextDecoder {
  try {
    const decoder = new TextDecoder(declared ?? 'windows-1252')
    return decoder.encoding.startsWith('utf-') ? new TextDecoder('windows-1252') : decoder // it says so, and is not
  } catch {
    return new TextDecoder('windows-1252')
  }
}

/** UTF-16 without a mark has a zero in every other byte of Western text. */
function unmarkedUtf16(start: string): 'utf-16le' | 'utf-16be' | null {
  const sample = start.slice(0, 512)
  if (sample.length < 4 || sample.length % 2 !== 0) return null
  const zeros = (from: 0 | 1): number => [...sample].filter((letter, at) => at % 2 === from && letter === '\0').length
  const [even, odd] = [zeros(0), zeros(1)]
  const many = sample.length * 0.4
  return odd > many && even === 0 ? 'utf-16le' : even > many && odd === 0 ? 'utf-16be' : null
}

/** A text has no zeros, and few other control characters. */
function textOrNull(text: string): string | null {
  const sample = text.slice(0, 65_536)
  if (sample.includes('\0')) return null
  const strange = sample.match(/[\x01-\x08\x0e-\x1a\x1c-\x1f\ufffd]/g)?.length ?? 0
  return strange > 8 + sample.length / 100 ? null : text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n')
}

const HTML_START = /^\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b/i
const HTML_TAGS = /<\/(?:p|div|table|ul|ol|h[1-6]|span)>/gi
const MARKDOWN_SIGNS = [
  /^#{1,6} \S/m,
  /^\s{0,3}[-*+] \S.*\n(?:\s*\n)?\s{0,3}[-*+] \S/m,
  /^\s{0,3}1[.)] \S.*\n(?:\s*\n)?\s{0,3}2[.)] \S/m,
  /^\s{0,3}[-*+] \[[ xX]\] /m,
  /^\|?.+\|.+\n\s*\|?\s*:?-{3,}:?\s*\|/m,
  /\*\*[^\s*][^*\n]*\*\*/,
  /\[[^\]\n]+\]\(<?(?:https?:|mailto:)[^)\n]+\)/,
  /^[^\n]+\n(?:={3,}|-{3,})\s*$/m,
  /^```/m,
]

/** The name only decides between what looks alike: a text, and a text that is meant as Markdown. */
function textKind(text: string, name: string): TextKind {
  const start = text.slice(0, 20_000)
  if (HTML_START.test(start)) return 'html'
  const isMarkdown = MARKDOWN_SIGNS.some((sign) => sign.test(start))
  if (!isMarkdown && (start.match(HTML_TAGS)?.length ?? 0) >= 2) return 'html'
  return isMarkdown || /\.(?:md|markdown|mkd)$/i.test(name) ? 'markdown' : 'text'
}
