/** One file on its way from this page, and what it needs of the world around it. */
import type { Answer } from '../api'
import type { Begun, SignedPart, ToBegin, ToSign, Upload } from './api'
import type { Hashed } from './digest'
import type { Put } from './put'

/** What it waits for; it goes on by itself. */
export type Hold = 'offline' | 'unreachable' | 'busy' | 'store' | 'signed-out'

/** Why it does not go on. */
export type Why =
  | { readonly kind: 'unreadable' }
  /** Its bytes are no longer those that were looked at. */
  | { readonly kind: 'changed' }
  /** Not the one that was asked for. */
  | { readonly kind: 'another-file' }
  | { readonly kind: 'too-large'; readonly limitBytes: number | null }
  | { readonly kind: 'no-access' }
  | { readonly kind: 'store-refused' }
  /** By the server's word, or by what this page saw in the file. */
  | { readonly kind: 'refused'; readonly reason: string; readonly limitBytes: number | null; readonly title: string | null }

export type Stage =
  | { readonly at: 'waiting' }
  | { readonly at: 'hashing' }
  | { readonly at: 'sending' }
  | { readonly at: 'finishing' }
  | { readonly at: 'paused' }
  /** Another tab of this browser sends it. */
  | { readonly at: 'elsewhere' }
  | { readonly at: 'stopped'; readonly why: Why }
  /** The server has all of it. */
  | { readonly at: 'arrived' }
  | { readonly at: 'duplicate'; readonly media: string | null }

/** The order in which files were chosen is the order in which they go. */
export class Sending {
  stage: Stage = { at: 'waiting' }
  hold: Hold | null = null
  /** Bytes that were looked at to name the file. */
  hashedBytes = 0
  hashed: Hashed | null = null
  /** The server's name for it. */
  upload: string | null = null
  partsDone: ReadonlySet<number> = new Set()
  /** Bytes of parts that are on the line. */
  readonly onTheLine = new Map<number, number>()
  stop = new AbortController()
  isCancelled = false

  constructor(
    readonly order: number,
    readonly caseId: string,
    readonly file: File,
    /** What was chosen or dropped together. */
    readonly batch: number,
    /** It has to be one of these; null: it may be anything. */
    public expected: ReadonlySet<string> | null,
  ) {}

  /** Whether leaving the page would stop it. */
  get isUnderWay(): boolean {
    return ['waiting', 'hashing', 'sending', 'finishing'].includes(this.stage.at)
  }
}

/** What the world says and does; the browser in the page, something else in tests. */
export interface Doors {
  readonly begin: (caseId: string, files: readonly ToBegin[], stop: AbortSignal) => Promise<Answer<readonly Begun[]>>
  readonly sign: (caseId: string, upload: string, parts: readonly ToSign[], stop: AbortSignal) => Promise<Answer<readonly SignedPart[]>>
  readonly complete: (caseId: string, upload: string, stop: AbortSignal) => Promise<Answer<Upload>>
  readonly drop: (caseId: string, upload: string) => Promise<Answer<null>>
  readonly put: Put
  /** One tab at a time runs it; `elsewhere` is told where this one has to wait for another. */
  readonly alone: (name: string, stop: AbortSignal, elsewhere: () => void, run: () => Promise<void>) => Promise<void>
  readonly isOnline: () => boolean
  readonly whenOnline: (stop: AbortSignal) => Promise<void>
  /** A clock that never jumps, and the one on the wall; milliseconds. */
  readonly now: () => number
  readonly wall: () => number
  readonly random: () => number
  readonly wait: (milliseconds: number, stop: AbortSignal) => Promise<void>
  /** Something about some file is different. */
  readonly changed: () => void
  /** Bytes went. */
  readonly went: (bytes: number) => void
  /** The server has something new of a case. */
  readonly arrived: (caseId: string) => void
}

/** Ends the way of a file, for a reason. */
export class Stopped extends Error {
  constructor(readonly why: Why) {
    super(why.kind)
  }
}

/** The store or the server does not know it any more: it begins again, and keeps what is there. */
export class Gone extends Error {}
