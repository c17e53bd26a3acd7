/** From what happened on the wire to what the page may claim: a pure reducer. "Saved" is said of acknowledgements alone. */

/** An acknowledgement older than this is worth a warning: a half-open link looks healthy for half a minute. */
export const PATIENCE_MS = 3000

export type Scope = 'read-write' | 'readonly'

/** Why a session is over for good. */
export type Ending = 'no-access' | 'moved' | 'unacceptable'

type Link =
  | { readonly at: 'connecting' }
  | { readonly at: 'open'; readonly whole: boolean }
  | { readonly at: 'down' }
  /** The sign-in has ended; nothing is tried until there is a fresh one. */
  | { readonly at: 'locked' }
  | { readonly at: 'ended'; readonly why: Ending }

/** A frame with edits that has left and has no verdict yet: all edits up to number `covers` are in it or went before it. */
interface InFlight {
  readonly covers: number
  readonly sentAt: number
}

export interface Model {
  readonly link: Link
  readonly online: boolean
  /** The server turned us away, or sent us off, because it has too much to do; until it lets us in. */
  readonly busy: boolean
  readonly scope: Scope | null
  /** When this tab began, for the patience before the first link. */
  readonly startedAt: number
  /** Edits that this tab holds, and how many of them the server has acknowledged. */
  readonly edits: number
  readonly saved: number
  /** When the oldest edit without an acknowledgement was made, or the link that carries it opened. */
  readonly waitingSince: number | null
  /** Verdicts come in the order in which frames left. */
  readonly inFlight: readonly InFlight[]
  /** The server said that it has no room for edits, and has taken none since. */
  readonly isFull: boolean
}

export type Happening =
  | { readonly kind: 'opened'; readonly now: number }
  | { readonly kind: 'closed'; readonly busy: boolean }
  | { readonly kind: 'locked' }
  | { readonly kind: 'unlocked' }
  | { readonly kind: 'ended'; readonly why: Ending }
  | { readonly kind: 'admitted'; readonly scope: Scope }
  | { readonly kind: 'edited'; readonly now: number }
  | { readonly kind: 'sent'; readonly whole: boolean; readonly now: number }
  | { readonly kind: 'verdict'; readonly accepted: boolean }
  | { readonly kind: 'network'; readonly online: boolean }
  /** The server has no room for what we sent; the link closes. */
  | { readonly kind: 'full' }

/** Why there is no link. */
export type Because = 'no-link' | 'signed-out' | 'busy'

/** Where what is not saved is kept meanwhile. */
export type Where = 'device' | 'tab'

export type Status =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'saved' }
  | { readonly kind: 'saving'; readonly changes: number }
  | { readonly kind: 'waiting'; readonly changes: number }
  /** The server has no room. We go on trying. */
  | { readonly kind: 'full'; readonly changes: number }
  | { readonly kind: 'offline'; readonly changes: number; readonly because: Because; readonly where: Where }
  | { readonly kind: 'read-only' }
  | { readonly kind: 'ended'; readonly why: Ending; readonly changes: number }

/** Times are of a clock that never jumps. `changes` were made earlier, kept on this device and never acknowledged. */
export function start(online: boolean, now: number, changes = 0): Model {
  return {
    link: { at: 'connecting' },
    online,
    busy: false,
    scope: null,
    startedAt: now,
    edits: changes,
    saved: 0,
    waitingSince: changes > 0 ? now : null,
    inFlight: [],
    isFull: false,
  }
}

export function next(model: Model, happening: Happening): Model {
  if (model.link.at === 'ended') return model
  if (model.link.at === 'locked' && (happening.kind === 'opened' || happening.kind === 'closed')) return model
  switch (happening.kind) {
    case 'opened':
      return {
        ...model,
        link: { at: 'open', whole: false },
        inFlight: [],
        waitingSince: unsaved(model) > 0 ? happening.now : null,
      }
    case 'closed':
      return { ...model, link: { at: 'down' }, busy: happening.busy, inFlight: [] }
    case 'locked':
      return { ...model, link: { at: 'locked' }, inFlight: [] }
    case 'unlocked':
      return model.link.at === 'locked' ? { ...model, link: { at: 'down' } } : model
    case 'ended':
      return { ...model, link: { at: 'ended', why: happening.why }, inFlight: [] }
    case 'admitted':
      return { ...model, scope: happening.scope, busy: false }
    case 'edited':
      return { ...model, edits: model.edits + 1, waitingSince: model.waitingSince ?? happening.now }
    case 'sent':
      return sent(model, happening.whole, happening.now)
    case 'verdict':
      return judged(model, happening.accepted)
    case 'network':
      return { ...model, online: happening.online }
    case 'full':
      return { ...model, isFull: true }
    default:
      return unreachable(happening)
  }
}

/** What the page may say now. */
export function statusOf(model: Model, now: number, where: Where = 'tab'): Status {
  const changes = unsaved(model)
  const offline = (because: Because): Status => ({ kind: 'offline', changes, because, where })
  const { link } = model
  if (model.isFull && model.online && changes > 0 && (link.at === 'down' || link.at === 'open')) return { kind: 'full', changes }
  switch (link.at) {
    case 'ended':
      return { kind: 'ended', why: link.why, changes }
    case 'connecting':
      if (model.online && changes > 0 && now - model.startedAt <= PATIENCE_MS) return { kind: 'saving', changes }
      return model.online && now - model.startedAt <= PATIENCE_MS ? { kind: 'connecting' } : offline('no-link')
    case 'down':
      return offline(model.busy && model.online ? 'busy' : 'no-link')
    case 'locked':
      return offline('signed-out')
    case 'open':
      if (!model.online) return offline('no-link')
      if (model.busy) return offline('busy') // it took the call, and may turn us away again
      if (changes > 0) {
        const late = model.waitingSince !== null && now - model.waitingSince > PATIENCE_MS
        return { kind: late ? 'waiting' : 'saving', changes }
      }
      if (model.scope === null) return { kind: 'connecting' }
      return { kind: model.scope === 'readonly' ? 'read-only' : 'saved' }
    default:
      return unreachable(link)
  }
}

export function unsaved(model: Model): number {
  return model.edits - model.saved
}

/**
 * Edits typed while offline may leave one by one before the whole document does. Only once the whole has left on this link
 * do we know that a frame has nothing unsent before it; what left earlier covers nothing.
 */
function sent(model: Model, whole: boolean, now: number): Model {
  if (model.link.at !== 'open') return model
  const complete = whole || model.link.whole
  const covers = complete ? model.edits : 0
  return {
    ...model,
    link: { at: 'open', whole: complete },
    inFlight: [...model.inFlight, { covers, sentAt: now }],
  }
}

function judged(model: Model, accepted: boolean): Model {
  const [judgedFrame, ...inFlight] = model.inFlight
  if (judgedFrame === undefined) return model
  const saved = accepted ? Math.max(model.saved, judgedFrame.covers) : model.saved
  const waitingSince = saved === model.edits ? null : (inFlight[0]?.sentAt ?? model.waitingSince)
  return { ...model, saved, inFlight, waitingSince, isFull: model.isFull && !accepted }
}

function unreachable(value: never): never {
  throw new Error(`not in the union: ${JSON.stringify(value)}`)
}
