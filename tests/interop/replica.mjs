// Many replicas in one process, driven by JSON lines: a command comes in on stdin, its answer goes out on stdout.
// The clients are the unmodified packages; this file only makes them, moves them and looks at them.
import { createHash } from 'node:crypto'
import { createInterface } from 'node:readline'
import WebSocket from 'ws'
import * as Y from 'yjs'
import { Awareness } from 'y-protocols/awareness'
import { WebsocketProvider } from 'y-websocket'
import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider'

const replicas = new Map()
const sockets = new Map()
const troubles = []
process.on('uncaughtException', (error) => troubles.push(String(error?.stack ?? error)))
process.on('unhandledRejection', (error) => troubles.push(String(error?.stack ?? error)))
console.warn = console.error = () => {} // a refused client warns about what the tests ask for

const ACCEPTED = 100

// A WebSocket class that notes what came and how each connection ended, and sends extra headers.
const listening = (seen, headers) =>
  class extends WebSocket {
    constructor(url, protocols) {
      super(url, protocols, { headers })
      seen.live = this
      this.on('open', () => seen.opens++)
      this.on('close', (code, reason) => seen.closes.push([code, reason.toString()]))
      this.on('message', (data) => seen.frames.push(new Uint8Array(data)))
    }
  }

const watch = () => ({ opens: 0, closes: [], frames: [], live: null })

const openYjs = (options) => {
  const seen = watch()
  const doc = makeDoc(options)
  const provider = new WebsocketProvider(`${options.url}/yjs/${options.case}`, options.document, doc, {
    params: options.params,
    disableBc: true,
    maxBackoffTime: 400,
    WebSocketPolyfill: listening(seen, options.headers)
  })
  const acks = []
  provider.messageHandlers[ACCEPTED] = (_encoder, decoder) => acks.push(readVarUint(decoder))
  const denied = []
  const auth = provider.messageHandlers[2]
  provider.messageHandlers[2] = (encoder, decoder, ...rest) => {
    denied.push(peekAuthReason(decoder))
    auth(encoder, decoder, ...rest)
  }
  return { doc, provider, awareness: provider.awareness, seen, acks, denied, stateless: [], scopes: [] }
}

const openSocket = (name, options) => {
  if (!sockets.has(name)) {
    const seen = watch()
    const socket = new HocuspocusProviderWebsocket({
      url: `${options.url}/collab`,
      WebSocketPolyfill: listening(seen, options.headers),
      delay: 100,
      minDelay: 100,
      maxDelay: 400,
      messageReconnectTimeout: 30000
    })
    sockets.set(name, { socket, seen })
  }
  return sockets.get(name)
}

const openCollab = (options) => {
  const { socket, seen } = openSocket(options.socket ?? options.name, options)
  const doc = makeDoc(options)
  const events = { denied: [], stateless: [], scopes: [], unsynced: [], detached: [], synced: 0 }
  const provider = new HocuspocusProvider({
    websocketProvider: socket,
    name: `${options.case}/${options.document}`,
    document: doc,
    awareness: new Awareness(doc),
    token: options.token,
    sessionAwareness: options.sessionAwareness,
    onAuthenticationFailed: ({ reason }) => events.denied.push(reason),
    onAuthenticated: ({ scope }) => events.scopes.push(scope),
    onStateless: ({ payload }) => events.stateless.push(payload),
    onUnsyncedChanges: ({ number }) => events.unsynced.push(number),
    onSynced: () => events.synced++
  })
  // `onClose` in the configuration also hears closed sockets; this event tells a document's Close by its code.
  provider.on('close', ({ event }) => event.code === 1000 && events.detached.push(event.reason))
  provider.attach()
  return { doc, provider, awareness: provider.awareness, seen, acks: [], ...events, events }
}

// Roots are named from the start: a root that nobody asked for by its type has no content that could be compared.
const makeDoc = ({ clientID }) => {
  const doc = new Y.Doc()
  if (clientID !== null) doc.clientID = clientID
  doc.getText('t')
  doc.getMap('m')
  doc.getArray('a')
  doc.getXmlFragment('x')
  return doc
}

const LONG = 20_000

const sorted = (_key, value) =>
  value !== null && value.constructor === Object
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value

// What is in a document and what was deleted from it; the structs' own split into runs may differ between equal replicas.
const contentOf = (doc) => {
  const content = JSON.stringify(doc.toJSON(), sorted)
  const digest = createHash('sha256').update(content).update(Y.encodeSnapshotV2(Y.snapshot(doc))).digest('hex')
  return { digest, content: content.length < LONG ? content : null }
}

const readVarUint = (decoder) => {
  let number = 0
  let factor = 1
  for (;;) {
    const byte = decoder.arr[decoder.pos++]
    number += (byte & 0x7f) * factor
    if (byte < 0x80) return number
    factor *= 128
  }
}

const peekAuthReason = (decoder) => {
  const copy = { arr: decoder.arr, pos: decoder.pos }
  readVarUint(copy)
  const length = readVarUint(copy)
  return new TextDecoder().decode(copy.arr.slice(copy.pos, copy.pos + length))
}

const stateOf = (replica) => ({
  client: replica.doc.clientID,
  opens: replica.seen.opens,
  connected: replica.seen.live?.readyState === WebSocket.OPEN,
  closes: replica.seen.closes,
  frames: replica.seen.frames.length,
  synced: replica.provider.synced,
  unsynced: replica.provider.unsyncedChanges ?? null,
  unsyncedHistory: replica.events?.unsynced ?? [],
  scope: replica.provider.authorizedScope ?? null,
  scopes: replica.scopes,
  denied: replica.denied,
  detached: replica.events?.detached ?? [],
  stateless: replica.stateless,
  acks: replica.acks,
  awareness: [...replica.awareness.getStates()].sort(([a], [b]) => a - b),
  vector: Buffer.from(Y.encodeStateVector(replica.doc)).toString('hex'),
  ...contentOf(replica.doc),
  pending: replica.doc.store.pendingStructs !== null
})

const commands = {
  open: (options) => {
    replicas.set(options.name, options.wire === 'yjs' ? openYjs(options) : openCollab(options))
    return null
  },
  state: ({ name }) => stateOf(replicas.get(name)),
  // The body sees the Yjs names of every example: doc, Y, provider, awareness; and `arg`.
  run: ({ name, body, arg }) => {
    const { doc, provider, awareness } = replicas.get(name)
    return new Function('doc', 'Y', 'provider', 'awareness', 'arg', body)(doc, Y, provider, awareness, arg) ?? null
  },
  send: ({ name, hex }) => replicas.get(name).seen.live.send(Buffer.from(hex, 'hex')) ?? null,
  frames: ({ name, since }) => replicas.get(name).seen.frames.slice(since).map((f) => Buffer.from(f).toString('hex')),
  offline: ({ name, socket }) => {
    const { provider } = replicas.get(name)
    if (provider instanceof WebsocketProvider) provider.disconnect()
    else sockets.get(socket ?? name).socket.disconnect()
    return null
  },
  online: ({ name, socket, params }) => {
    const { provider } = replicas.get(name)
    if (params !== null) provider.params = params
    if (provider instanceof WebsocketProvider) provider.connect()
    else sockets.get(socket ?? name).socket.connect()
    return null
  },
  cut: ({ name }) => replicas.get(name).seen.live.terminate() ?? null,
  // As a closed tab: no goodbye of any layer.
  close: ({ name, socket }) => {
    replicas.get(name).provider.destroy()
    replicas.delete(name)
    const key = socket ?? name
    if (sockets.has(key) && socket === null) {
      sockets.get(key).socket.destroy()
      sockets.delete(key)
    }
    return null
  },
  clear: () => {
    for (const { provider } of replicas.values()) provider.destroy()
    for (const { socket } of sockets.values()) socket.destroy()
    replicas.clear()
    sockets.clear()
    return troubles.splice(0)
  }
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const { do: command, ...options } = JSON.parse(line)
    let answer
    try {
      answer = { ok: commands[command](options) }
    } catch (error) {
      answer = { error: String(error?.stack ?? error) }
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`)
  })
  .on('close', () => process.exit(0))
