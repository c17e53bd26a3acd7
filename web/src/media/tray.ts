/**
 * What is on its way, as a few groups: what this page sends, and what the server has of it. A series of two hundred slices is one
 * line at each step.
 */
import type { Upload } from './api'
import type { Sending, Why } from './sending'

export interface Tray {
  /** This page sends them, or another tab does. */
  readonly moving: readonly Sending[]
  /** Not taken, by reason; of this page and of the server. */
  readonly refused: readonly Refused[]
  /** There already. */
  readonly duplicates: readonly Sending[]
  /** Begun, and not sent by any page: their files have to be chosen again. */
  readonly unfinished: readonly Upload[]
  /** The server looks through them. */
  readonly checking: readonly Upload[]
  /** Somebody has to look at them, and this person may. */
  readonly toReview: readonly Upload[]
}

export interface Refused {
  /** The same for the same reason. */
  readonly key: string
  readonly why: Why
  readonly items: readonly Sending[]
  readonly uploads: readonly Upload[]
}

export function trayOf(items: readonly Sending[], uploads: readonly Upload[]): Tray {
  const sentHere = new Set(items.flatMap(({ upload, stage }) => (upload === null || stage.at === 'arrived' ? [] : [upload])))
  const mine = uploads.filter(({ isMine, id }) => isMine && !sentHere.has(id))
  return {
    moving: items.filter(({ stage }) => ['waiting', 'hashing', 'sending', 'finishing', 'paused', 'elsewhere'].includes(stage.at)),
    refused: refusedOf(
      items.filter(({ stage }) => stage.at === 'stopped'),
      mine.filter(({ state }) => state === 'rejected'),
    ),
    duplicates: items.filter(({ stage }) => stage.at === 'duplicate'),
    unfinished: mine.filter(({ state }) => state === 'requested' || state === 'uploading'),
    checking: mine.filter(({ state }) => state === 'quarantined' || state === 'cleaning'),
    toReview: uploads.filter(({ state }) => state === 'needs-review'),
  }
}

export function isEmpty(tray: Tray): boolean {
  return Object.values(tray).every((each) => each.length === 0)
}

function refusedOf(items: readonly Sending[], uploads: readonly Upload[]): readonly Refused[] {
  const groups = new Map<string, { why: Why; items: Sending[]; uploads: Upload[] }>()
  const groupFor = (why: Why): { items: Sending[]; uploads: Upload[] } => {
    const key = keyOf(why)
    const group = groups.get(key) ?? { why, items: [], uploads: [] }
    groups.set(key, group)
    return group
  }
  for (const item of items) if (item.stage.at === 'stopped') groupFor(item.stage.why).items.push(item)
  for (const upload of uploads) groupFor({ kind: 'refused', reason: upload.reason ?? '', limitBytes: null, title: null }).uploads.push(upload)
  return [...groups].map(([key, group]) => ({ key, ...group }))
}

function keyOf(why: Why): string {
  return why.kind === 'refused' ? `refused ${why.reason}` : why.kind
}

/** How far the server is with them, if it says: 0 to 1. */
export function progressOf(uploads: readonly Upload[]): number | null {
  const telling = uploads.filter(({ total }) => total > 0)
  if (telling.length === 0 || uploads.length === 0) return null
  return telling.reduce((sum, { done, total }) => sum + Math.min(1, done / total), 0) / uploads.length
}
