/** One connection to one document: an unmodified Hocuspocus provider, and what the page may conclude from its frames. */
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider'
import * as Y from 'yjs'
import { dutyOf } from './codes'
import { readFrame } from './frames'
import { mirror } from './mirror'
import { type Presence, presences } from './people'
import { readRefusal, type Refusal } from './refusal'
import { readAlong } from './socket'
import { type Ending, type Happening, type Model, next, start, unsaved } from './status'
import { plainText } from './text'

/** What somebody wrote and the server did not take: section name → the section's text as it stood in this tab. */
export type Rescue = ReadonlyMap<string, string>

/** A link that closed with 4205 sooner than this waits the usual pause, so that two confused ends cannot spin. */
const LIVED_MS = 1000

/** A socket whose document was denied is of no use; unless the API says that it is over, we try a fresh one after this. */
const DENIED_MS = 5000

/** A refusal's reason travels in a message of its own, right beside the verdict; this is how long we wait for it. */
const REASON_MS = 500

export interface Wishes {
  readonly url: string
  readonly address: string
  readonly me: Presence
  readonly sections: readonly string[]
  readonly online: boolean
  readonly now: () => number
  readonly Socket: typeof WebSocket
  onModel(model: Model): void
  onPeople(people: readonly Presence[]): void
  /** The document's content has arrived for the first time. */
  onContent(): void
  /** An edit was not taken. The session is over; open a fresh one on a fresh document. */
  onRefused(refusal: Refusal, rescue: Rescue): void
  /** The session is over for good. */
  onEnded(why: Ending, rescue: Rescue): void
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
  /** What others are told of us until the server knows better. */
  introduce(me: Presence): void
  /** What the browser believes about its network. */
  network(online: boolean): void
  /** The API says that there is no way back. */
  end(why: Ending): void
  close(): void
}

export function openSession(wishes: Wishes): Session {
  const doc = new Y.Doc()
  let model = start(wishes.online)
  let openedAt: number | null = null
  let closed = false
  let reasonTimer: ReturnType<typeof setTimeout> | undefined
  let retryTimer: ReturnType<typeof setTimeout> | undefined
  const touched = new Set<string>()

  const happened = (happening: Happening): void => {
    model = next(model, happening)
    if (unsaved(model) === 0) touched.clear()
    wishes.onModel(model)
  }

  const rescue = (): Rescue => new Map([...touched].map((name) => [name, plainText(doc.getXmlFragment(name))]))

  // Registered before the provider's own handler: an edit is counted before its frame leaves.
  doc.on('update', (_update: Uint8Array, origin: unknown) => {
    if (origin !== provider) happened({ kind: 'edited', now: wishes.now() })
  })
  doc.on('afterTransaction', (transaction: Y.Transaction) => {
    if (!transaction.local) return
    const changed = new Set<unknown>(transaction.changedParentTypes.keys())
    for (const name of wishes.sections) {
      if (changed.has(doc.getXmlFragment(name))) touched.add(name)
    }
  })

  const websocketProvider = new HocuspocusProviderWebsocket({
    url: wishes.url,
    autoConnect: false,
    WebSocketPolyfill: readAlong(wishes.Socket, {
      sent(bytes) {
        const frame = readFrame(bytes)
        if (frame.kind !== 'edit' || frame.address !== wishes.address) return
        happened({ kind: 'sent', whole: frame.whole, now: wishes.now() })
      },
      received(bytes) {
        const frame = readFrame(bytes)
        if (frame.kind !== 'verdict' || frame.address !== wishes.address) return
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
      happened({ kind: 'closed' })
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
    onAuthenticationFailed: () => {
      wishes.onDoubt()
      websocketProvider.disconnect()
      retryTimer = setTimeout(() => void websocketProvider.connect(), DENIED_MS)
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
  provider.setAwarenessField('user', wishes.me)
  provider.attach()
  void websocketProvider.connect()

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
        if (lived !== null && lived > LIVED_MS) retryTimer = setTimeout(() => void websocketProvider.connect(), 0)
        return
      case 'ask':
        return wishes.onDoubt()
      case 'sign-in':
        return end('signed-out')
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
    const text = rescue()
    close()
    wishes.onRefused(refusal, text)
  }

  function end(why: Ending): void {
    if (closed) return
    const text = rescue()
    happened({ kind: 'ended', why })
    close()
    wishes.onEnded(why, text)
  }

  function close(): void {
    if (closed) return
    closed = true
    clearTimeout(reasonTimer)
    clearTimeout(retryTimer)
    provider.destroy()
    websocketProvider.destroy()
    doc.destroy()
  }

  let copied: Y.Doc | null = null
  return {
    doc,
    copy: () => (copied ??= mirror(doc)),
    provider,
    introduce(me) {
      if (!closed) provider.setAwarenessField('user', me)
    },
    network(online) {
      if (closed) return
      happened({ kind: 'network', online })
      if (online) void websocketProvider.connect()
    },
    end,
    close,
  }
}
