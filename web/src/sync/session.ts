/** One connection to one document: an unmodified Hocuspocus provider, and what the page may conclude from its frames. */
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider'
import * as Y from 'yjs'
import { BUSY, dutyOf } from './codes'
import { readFrame, updateIn } from './frames'
import { mirror } from './mirror'
import { type Presence, type Present, presences } from './people'
import { readRefusal, type Refusal } from './refusal'
import { readAlong } from './socket'
import { type Ending, type Happening, type Model, next, start } from './status'
import { clientsOf, othersStranded, ownStranded } from './stranded'
import { Undoing } from './undoing'
import { watchLink } from './watch'
import type { Words, Writing } from './writing'

/** A link that closed with 4205 sooner than this waits the usual pause, so that two confused ends cannot spin. */
const LIVED_MS = 1000

/** A socket whose document was denied is of no use; unless the API says that it is over, we try a fresh one after this. */
const DENIED_MS = 5000

/** What we say of a link that we closed ourselves, because it was silent: come back after the usual pause. */
const SILENT = 4408

/** A refusal's reason travels in a message of its own, right beside the verdict; this is how long we wait for it. */
const REASON_MS = 500

/** Why the server ends a session whose edits it has no room for; docs/errors.md. */
const FULL = 'storage-full'

/** Why a document is denied that goes on under another name, after a restore for example. */
const SUPERSEDED = 'superseded'

/** The pause between tries to connect grows to this: a ward's Wi-Fi is back before a longer one would be noticed. */
const LONGEST_PAUSE_MS = 8000

/**
 * Before the first try. When a node dies, everybody who was on it loses their link in the same moment; if they came back
 * in the same moment, too, the next node would sign all of them in at once. The provider spreads later tries by itself.
 */
const FIRST_PAUSE_MS = { least: 500, most: 1500 }

/** Where a change of the document came from, when it was not typed here. */
export const KEPT = { from: 'the copy on this device' }
export const SIBLING = { from: 'another tab of the same person' }

/** An update that this device kept; `changes` is how many edits it holds that the server has not acknowledged. */
export interface Kept {
  readonly update: Uint8Array
  readonly changes: number
}

export interface Wishes {
  readonly url: string
  readonly address: string
  readonly me: Presence
  /** The texts in it that editors write. */
  readonly sections: readonly string[]
  /** How what was written into it is read. */
  readonly words: Words
  readonly online: boolean
  /** A clock that never jumps; milliseconds. */
  readonly now: () => number
  /** The clock on the wall, which may. */
  readonly wall: () => number
  /** From 0 to 1, another one each time. */
  readonly random: () => number
  /** What was kept of this document, oldest first. */
  readonly kept: readonly Kept[]
  readonly Socket: typeof WebSocket
  onModel(model: Model): void
  onPeople(people: readonly Present[]): void
  /** The document's content is there for the first time, from the copy on this device or from the server. */
  onContent(): void
  /** An edit was made here (or in another tab of ours): the `edit`-th that this session holds. */
  onEdit(edit: number, update: Uint8Array, origin: unknown): void
  /** Others' edits came from the server. */
  onArrival(update: Uint8Array): void
  /** Words were in the document, or on their way, and went with the block that they were written into: ours, or by an edit of ours. */
  onStranded(writing: Writing, whose: 'own' | 'theirs'): void
  /** An edit was not taken. The session is over; open a fresh one on a fresh document. */
  onRefused(refusal: Refusal, writing: Writing): void
  /** The session is over for good. */
  onEnded(why: Ending, writing: Writing): void
  /** The sign-in is over; `unlock` goes on. */
  onLocked(): void
  /** The server let us in, for the first time or again. */
  onAdmitted(): void
  /** The server turned us away without a clear word: ask the API what is still allowed. */
  onDoubt(): void
  /** The case itself has changed, its title or its members: ask the API for what is new. */
  onChanged(): void
}

export interface Session {
  readonly doc: Y.Doc
  /** The same content for an editor that may not write. */
  readonly copy: () => Y.Doc
  readonly provider: HocuspocusProvider
  /** What was written here and can be taken back. */
  readonly undoing: Undoing
  /** What the server has not acknowledged, oldest first, with the number of the last edit in each. */
  pending(): readonly { readonly edit: number; readonly update: Uint8Array }[]
  /** What others are told of us until the server knows better. */
  introduce(me: Presence): void
  /** The part of the case that we are in. */
  stand(place: string | null): void
  /** What the browser believes about its network. */
  network(online: boolean): void
  /** The API says that there is no way back. */
  end(why: Ending): void
  /** The API says that the sign-in is over: nothing is tried, and nothing lost, until there is a fresh one. */
  lock(): void
  unlock(): void
  close(): void
}

export function openSession(wishes: Wishes): Session {
  const doc = new Y.Doc()
  let model = start(wishes.online, wishes.now(), wishes.kept.reduce((sum, { changes }) => sum + changes, 0))
  let openedAt: number | null = null
  let closed = false
  let socket: EventTarget | null = null
  let reasonTimer: ReturnType<typeof setTimeout> | undefined
  let retryTimer: ReturnType<typeof setTimeout> | undefined
  /** What the server has not acknowledged, with the number of the last edit in it. */
  let pending: { readonly edit: number; readonly update: Uint8Array }[] = []
  /** Client ids with which we wrote, here and in tabs whose edits this one holds. */
  const mine = new Set([doc.clientID])
  /** What the server said that it has: an acknowledgement may be lost with the line that it was to come on. */
  let held: ReadonlyMap<number, number> = new Map()
  /** The frame with an edit of others that the provider is about to apply. */
  let arriving: Uint8Array | null = null

  doc.transact(() => {
    let edits = 0
    for (const { update, changes } of wishes.kept) {
      Y.applyUpdate(doc, update, KEPT)
      edits += changes
      if (changes === 0) continue
      pending.push({ edit: edits, update })
      clientsOf(update).forEach((client) => mine.add(client))
    }
  }, KEPT)

  const happened = (happening: Happening): void => {
    model = next(model, happening)
    if (happening.kind === 'verdict') pending = pending.filter(({ edit }) => edit > model.saved)
    wishes.onModel(model)
  }

  const writing = (): Writing => wishes.words.written(doc, pending.map(({ update }) => update), held)

  // Registered before the provider's own handler: an edit is counted before its frame leaves.
  doc.on('update', (update: Uint8Array, origin: unknown) => {
    if (origin === provider) return wishes.onArrival(update)
    happened({ kind: 'edited', now: wishes.now() })
    pending.push({ edit: model.edits, update })
    if (origin === SIBLING) clientsOf(update).forEach((client) => mine.add(client))
    wishes.onEdit(model.edits, update, origin)
  })
  // Before what was deleted is collected.
  doc.on('afterTransaction', (transaction: Y.Transaction) => {
    if (transaction.origin !== provider || arriving === null) return
    const own = ownStranded(transaction, arriving, mine, wishes.sections)
    if (own !== null) wishes.onStranded(own, 'own')
    if (provider.synced) return // on a line that works, whoever wrote it is there to be told
    const edits = pending.map(({ update }) => update)
    const theirs = othersStranded(transaction, arriving, edits, mine, wishes.sections)
    if (theirs !== null) wishes.onStranded(theirs, 'theirs')
  })

  const websocketProvider = new HocuspocusProviderWebsocket({
    url: wishes.url,
    autoConnect: false,
    // Whole, or the provider never begins.
    delay: Math.round(FIRST_PAUSE_MS.least + wishes.random() * (FIRST_PAUSE_MS.most - FIRST_PAUSE_MS.least)),
    minDelay: FIRST_PAUSE_MS.least,
    maxDelay: LONGEST_PAUSE_MS,
    WebSocketPolyfill: readAlong(wishes.Socket, {
      attempted(made) {
        socket = made
        watch.attempted()
      },
      sent(bytes) {
        const frame = readFrame(bytes)
        if (frame.kind !== 'edit' || frame.address !== wishes.address) return
        happened({ kind: 'sent', whole: frame.whole, now: wishes.now() })
      },
      received(bytes) {
        watch.heard()
        const frame = readFrame(bytes)
        if (frame.kind === 'closed' && frame.reason === FULL) happened({ kind: 'full' })
        if (frame.kind === 'other' || frame.address !== wishes.address) return
        if (frame.kind === 'edit') arriving = updateIn(bytes)
        else if (frame.kind === 'question') held = Y.decodeStateVector(frame.has)
        if (frame.kind !== 'verdict') return
        happened({ kind: 'verdict', accepted: frame.accepted })
        if (!frame.accepted) reasonTimer ??= setTimeout(() => refuse(readRefusal(null)), REASON_MS)
      },
    }),
    onOpen: () => {
      openedAt = wishes.now()
      happened({ kind: 'opened', now: openedAt })
    },
    onClose: ({ event }) => {
      const lived = openedAt === null ? null : wishes.now() - openedAt
      openedAt = null
      happened({ kind: 'closed', busy: event.code === BUSY })
      onClosed(event.code, lived)
    },
  })

  const provider = new HocuspocusProvider({
    name: wishes.address,
    document: doc,
    websocketProvider,
    token: '', // the socket's cookie says who we are
    onAuthenticated: ({ scope }) => {
      happened({ kind: 'admitted', scope })
      renewPresence()
      wishes.onAdmitted()
    },
    onAuthenticationFailed: ({ reason }) => {
      if (reason === SUPERSEDED) return end('moved')
      wishes.onDoubt()
      websocketProvider.disconnect()
      retryTimer = setTimeout(connect, DENIED_MS)
    },
    onSynced: () => wishes.onContent(),
    onStateless: ({ payload }) => {
      const refusal = readRefusal(payload)
      if (refusal.kind === 'refused') refuse(refusal)
      else if (refusal.kind === 'case-changed') wishes.onChanged()
    },
    onAwarenessChange: ({ states }) => {
      if (!closed) wishes.onPeople(presences(states))
    },
  })
  const watch = watchLink({
    now: wishes.now,
    wall: wishes.wall,
    link: () => (closed || model.link.at === 'locked' ? 'unwanted' : model.link.at === 'open' ? 'open' : 'wanted'),
    probe: renewPresence,
    // A dead link closes by itself only after minutes; nobody need wait for that.
    drop: () => socket?.dispatchEvent(Object.assign(new Event('close'), { code: SILENT, reason: 'silence' })),
    retry: connect,
  })

  provider.setAwarenessField('user', wishes.me)
  provider.attach()
  connect()
  // Edits whose surroundings were not kept wait in the document until the server brings those.
  if (wishes.kept.length > 0 && doc.store.pendingStructs === null) wishes.onContent()

  function connect(): void {
    if (!closed && model.link.at !== 'locked') void websocketProvider.connect()
  }

  /** Others dropped our state when the link broke; they take it again only with a higher clock. */
  function renewPresence(): void {
    provider.awareness?.setLocalState(provider.awareness.getLocalState())
  }

  function onClosed(code: number, lived: number | null): void {
    const duty = dutyOf(code)
    switch (duty) {
      case 'return':
        if (lived === null) wishes.onDoubt() // the handshake itself failed; the browser does not say why
        return
      case 'return-now':
        if (lived !== null && lived > LIVED_MS) retryTimer = setTimeout(connect, 0)
        return
      case 'ask':
        return wishes.onDoubt()
      case 'sign-in':
        return lock()
      case 'leave':
        return end('no-access')
      case 'reload':
        return end('moved')
      case 'stop':
        return end('unacceptable')
      default:
        return duty satisfies never
    }
  }

  function refuse(refusal: Refusal): void {
    if (closed) return
    const text = writing()
    close()
    wishes.onRefused(refusal, text)
  }

  function end(why: Ending): void {
    if (closed) return
    const text = writing()
    happened({ kind: 'ended', why })
    close()
    wishes.onEnded(why, text)
  }

  function lock(): void {
    if (closed || model.link.at === 'locked') return
    happened({ kind: 'locked' })
    clearTimeout(retryTimer)
    websocketProvider.disconnect()
    wishes.onLocked()
  }

  function unlock(): void {
    if (closed) return
    happened({ kind: 'unlocked' })
    connect()
  }

  function close(): void {
    if (closed) return
    closed = true
    watch.stop()
    clearTimeout(reasonTimer)
    clearTimeout(retryTimer)
    provider.destroy()
    websocketProvider.destroy()
    doc.destroy()
  }

  let copied: Y.Doc | null = null
  let undoing: Undoing | null = null
  return {
    doc,
    copy: () => (copied ??= mirror(doc)),
    provider,
    /** Not of a document without texts: there would be nothing to take back. */
    get undoing() {
      return (undoing ??= new Undoing(doc, wishes.sections))
    },
    pending: () => pending,
    introduce(me) {
      if (!closed) provider.setAwarenessField('user', me)
    },
    stand(place) {
      if (!closed) provider.setAwarenessField('place', place)
    },
    network(online) {
      if (closed) return
      happened({ kind: 'network', online })
      if (online) connect()
    },
    end,
    lock,
    unlock,
    close,
  }
}
