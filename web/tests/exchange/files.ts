/** Files as somebody might choose them. */
import { strToU8, zipSync } from 'fflate'
import { readWord } from '../../src/exchange/fromWord'
import { type Helpers, readFile, type Reading } from '../../src/exchange/reading'
import type { Refusal } from '../../src/exchange/sniff'
import { type Block } from '../../src/exchange/tree'
import { treeOf } from '../../src/exchange/treeOf'
import { MEMBERS, schema } from './records'

export const HELPERS: Helpers = { schema, members: MEMBERS, readWord: (bytes) => readWord(new Uint8Array(bytes)) }

export async function read(content: string | Uint8Array<ArrayBuffer>, name = 'file'): Promise<Reading> {
  const outcome = await readFile(new File([content], name), HELPERS)
  if (!outcome.ok) throw new Error(`refused: ${outcome.why}`)
  return outcome.reading
}

export async function refusal(content: string | Uint8Array<ArrayBuffer>, name = 'file'): Promise<Refusal | null> {
  const outcome = await readFile(new File([content], name), HELPERS)
  return outcome.ok ? null : outcome.why
}

export function tree(blocks: Reading['blocks']): readonly Block[] {
  return treeOf(schema.topNodeType.create(null, [...blocks]))
}

const TYPES =
  '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
const RELATIONS =
  '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>'
const NAMESPACES =
  'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'

/** A Word file with this inside its body, and other parts as given. */
export function wordFile(body: string, parts: Record<string, Uint8Array | string> = {}): Uint8Array<ArrayBuffer> {
  const document = `<?xml version="1.0"?><w:document ${NAMESPACES}><w:body>${body}</w:body></w:document>`
  const all = { '[Content_Types].xml': TYPES, '_rels/.rels': RELATIONS, 'word/document.xml': document, ...parts }
  return new Uint8Array(zipSync(Object.fromEntries(Object.entries(all).map(([name, part]) => [name, typeof part === 'string' ? strToU8(part) : part]))))
}

export function wordParagraph(text: string): string {
  return `<w:p><w:r><w:t xml:space="preserve">${text}</w:t></w:r></w:p>`
}
