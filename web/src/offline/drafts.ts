/** Rescue drafts: what somebody wrote and the server did not take, kept until its author puts it away. */
import { SHAPES } from '../annotations/annotation'
import { fields, list, number, oneOf, optionalText, text } from '../parse'
import { type Block, BLOCK_KINDS, type LostChange, type LostMark, type Run, type SectionWriting, type Writing } from '../sync/writing'
import type { Point } from '../viewer/geometry'

/** The reasons of drafts whose words the server has, and that went with the block which they were written into. */
export const STRANDED = { own: 'stranded', theirs: 'stranded-theirs' } as const

export function isStranded({ reason }: Draft): boolean {
  return reason === STRANDED.own || reason === STRANDED.theirs
}

/** Why it was not taken: the server's word for a refusal, or how the session ended. */
export interface Draft {
  readonly id: string
  readonly case: string
  readonly at: number
  readonly reason: string
  /** The server's sentence, for a reason that this page has no words for. */
  readonly title: string
  readonly writing: Writing
}

export function draftName({ case: id, id: draft }: { readonly case: string; readonly id: string }): string {
  return `draft/${id}/${draft}`
}

export function readDraft(value: unknown): Draft {
  const from = fields(value)
  const writing = fields(from.get('writing'))
  return {
    id: text(from, 'id'),
    case: text(from, 'case'),
    at: number(from, 'at'),
    reason: text(from, 'reason'),
    title: text(from, 'title'),
    writing: {
      sections: list(writing, 'sections', readSection),
      marks: writing.get('marks') !== undefined ? list(writing, 'marks', readMark) : [],
      changes: writing.get('changes') !== undefined ? list(writing, 'changes', readChange) : [],
      head: list(writing, 'head', readPair),
      removed: writing.get('removed') === true,
      fingerprint: text(writing, 'fingerprint'),
    },
  }
}

export function readSection(value: unknown): SectionWriting {
  const from = fields(value)
  return { section: text(from, 'section'), blocks: list(from, 'blocks', readBlock) }
}

function readBlock(value: unknown): Block {
  const from = fields(value)
  return { kind: oneOf(from, 'kind', BLOCK_KINDS), runs: list(from, 'runs', readRun) }
}

function readRun(value: unknown): Run {
  const from = fields(value)
  return {
    text: text(from, 'text'),
    own: from.get('own') === true,
    bold: from.get('bold') === true,
    italic: from.get('italic') === true,
  }
}

function readMark(value: unknown): LostMark {
  const from = fields(value)
  const spot = fields(from.get('spot'))
  const code = from.get('code') === null ? null : fields(from.get('code'))
  return {
    media: text(from, 'media'),
    spot: { file: optionalText(spot, 'file'), frame: spot.get('frame') === null ? null : number(spot, 'frame'), seconds: spot.get('seconds') === null ? null : number(spot, 'seconds') },
    shape: oneOf(from, 'shape', SHAPES),
    points: list(from, 'points', readPoint),
    label: text(from, 'label'),
    code: code === null ? null : { system: text(code, 'system'), code: text(code, 'code'), display: text(code, 'display') },
    replies: list(from, 'replies', String),
  }
}

function readChange(value: unknown): LostChange {
  const from = fields(value)
  const maybe = (name: string): boolean | null => (from.get(name) === null ? null : from.get(name) === true)
  return {
    ...readMark(value),
    id: text(from, 'id'),
    moved: list(from, 'moved', String),
    isLabelled: from.get('isLabelled') === true,
    isCoded: from.get('isCoded') === true,
    isRemoved: maybe('isRemoved'),
    isResolved: maybe('isResolved'),
    isLocked: maybe('isLocked'),
  }
}

function readPoint(value: unknown): Point {
  const from = fields(value)
  return { x: number(from, 'x'), y: number(from, 'y') }
}

function readPair(value: unknown): readonly [string, string] {
  const [field, content] = Array.isArray(value) ? value : []
  return [String(field), optionalText(new Map([['content', content]]), 'content') ?? '']
}
