/**
 * What a file begins with, so that nobody waits for two gigabytes to be told that it was an archive. The server looks again, and
 * its word counts; what is not known here is sent.
 */

/** What is surely not taken. */
export type Foreign = 'archive' | 'office' | 'text' | 'program' | 'sound'

const HEAD_BYTES = 4096

const BEGINNINGS: readonly (readonly [string, Foreign])[] = [
  ['\x1f\x8b', 'archive'],
  ['7z\xbc\xaf', 'archive'],
  ['Rar!', 'archive'],
  ['BZh', 'archive'],
  ['\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'office'],
  ['{\\rtf', 'office'],
  ['MZ', 'program'],
  ['\x7fELF', 'program'],
  ['ID3', 'sound'],
  ['OggS', 'sound'],
]

/** Programs and texts of a CD are left out of a folder without a word for each. */
export async function foreignOf(file: Blob): Promise<Foreign | null> {
  return foreign(new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer()))
}

export function foreign(bytes: Uint8Array): Foreign | null {
  const start = latin1(bytes)
  if (start.slice(128, 132) === 'DICM') return null
  if (start.startsWith('PK\x03\x04') || start.startsWith('PK\x05\x06')) return isOffice(start) ? 'office' : 'archive'
  const found = BEGINNINGS.find(([beginning]) => start.startsWith(beginning))
  if (found !== undefined) return found[1]
  return isText(bytes, start) ? 'text' : null
}

function isOffice(start: string): boolean {
  return /\[Content_Types\]\.xml|word\/|xl\/|ppt\/|mimetypeapplication\/vnd\.oasis/.test(start)
}

/** SVG and XML count: a picture made of text is nothing that can be cleaned. PDF begins as a text and is none. */
function isText(bytes: Uint8Array, start: string): boolean {
  if (bytes.length === 0 || start.startsWith('%PDF-') || start.slice(0, 1024).includes('%PDF-')) return false
  const strange = bytes.filter((byte) => byte === 0 || (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13 && byte !== 12)).length
  return strange === 0
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, HEAD_BYTES))
}
