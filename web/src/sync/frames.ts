/** Reads of a Hocuspocus frame what the status needs: which frames carry edits, which judge them, and why a link ends. Source: docs/SPEC.md. */
import { createDecoder, readVarString, readVarUint, readVarUint8Array } from 'lib0/decoding'

export type Frame =
  | { readonly kind: 'edit'; readonly address: string; readonly whole: boolean }
  | { readonly kind: 'verdict'; readonly address: string; readonly accepted: boolean }
  | { readonly kind: 'closed'; readonly address: string; readonly reason: string }
  /** What the other end has, and the question what else there is. */
  | { readonly kind: 'question'; readonly address: string; readonly has: Uint8Array }
  | { readonly kind: 'other' }

const SYNC = 0
const CLOSE = 7
const SYNC_STATUS = 8
const STEP_1 = 0
const STEP_2 = 1
const UPDATE = 2
const OTHER: Frame = { kind: 'other' }

/** Whatever is not an edit or a verdict on one is `other`, malformed frames included: those the provider judges. */
export function readFrame(bytes: Uint8Array): Frame {
  try {
    const decoder = createDecoder(bytes)
    const address = readVarString(decoder)
    const type = readVarUint(decoder)
    if (type === CLOSE) return { kind: 'closed', address, reason: readVarString(decoder) }
    if (type !== SYNC && type !== SYNC_STATUS) return OTHER
    const word = readVarUint(decoder)
    if (type === SYNC_STATUS) return { kind: 'verdict', address, accepted: word === 1 }
    if (word === STEP_1) return { kind: 'question', address, has: readVarUint8Array(decoder) }
    return word === STEP_2 || word === UPDATE ? { kind: 'edit', address, whole: word === STEP_2 } : OTHER
  } catch {
    return OTHER
  }
}

/** The update that a frame of kind `edit` carries. Throws where there is none. */
export function updateIn(bytes: Uint8Array): Uint8Array {
  const decoder = createDecoder(bytes)
  readVarString(decoder)
  readVarUint(decoder)
  readVarUint(decoder)
  return readVarUint8Array(decoder)
}
