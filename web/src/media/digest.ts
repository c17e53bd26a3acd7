/**
 * What names a file's bytes before one of them is sent: sha-256 over the sha-256 of each part, as S3's composite checksum has
 * it. The same file chosen again after a reload has the same digest, so that it goes on where it was.
 */

/** 8 MiB; the last one is shorter. The server and the store reckon with the same. */
export const PART_BYTES = 8 * 1024 * 1024

export interface Hashed {
  /** Hex. */
  readonly digest: string
  /** Of each part, hex; part 1 stands first. */
  readonly parts: readonly string[]
}

export function partsOf(size: number, partBytes = PART_BYTES): number {
  return Math.max(1, Math.ceil(size / partBytes))
}

/** From 1, as S3 counts them. */
export function partOf(file: Blob, part: number, partBytes = PART_BYTES): Blob {
  return file.slice((part - 1) * partBytes, part * partBytes)
}

export function partSize(size: number, part: number, partBytes = PART_BYTES): number {
  return Math.max(0, Math.min(partBytes, size - (part - 1) * partBytes))
}

/**
 * Part by part: a file of 2 GB is never in memory. SubtleCrypto reckons on a thread of its own, so the page goes on. Throws
 * where the file cannot be read any more, and `AbortError` when it was given up.
 */
export async function hash(file: Blob, heard: (bytes: number) => void, stop: AbortSignal, partBytes = PART_BYTES): Promise<Hashed> {
  const count = partsOf(file.size, partBytes)
  const all = new Uint8Array(count * 32)
  const parts: string[] = []
  for (let part = 1; part <= count; part += 1) {
    stop.throwIfAborted()
    const bytes = await partOf(file, part, partBytes).arrayBuffer()
    const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
    all.set(sum, (part - 1) * 32)
    parts.push(hex(sum))
    heard(Math.min(file.size, part * partBytes))
  }
  stop.throwIfAborted()
  return { digest: hex(new Uint8Array(await crypto.subtle.digest('SHA-256', all))), parts }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
