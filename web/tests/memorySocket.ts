/** The network end of a WebSocket, in memory: a test plays the server, byte by byte. */
import { createDecoder, hasContent, readVarString, readVarUint } from 'lib0/decoding'
import { createEncoder, type Encoder, toUint8Array, writeVarString, writeVarUint, writeVarUint8Array } from 'lib0/encoding'
import * as Y from 'yjs'

export interface Heard {
  readonly type: number
  /** The first number of the payload, if there is one. */
  readonly sub: number | null
}

export class MemorySocket extends EventTarget implements WebSocket {
  static readonly CONNECTING = 0
  static readonly OPEN = 1
  static readonly CLOSING = 2
  static readonly CLOSED = 3
  /** Every socket that was opened, oldest first. */
  static readonly opened: MemorySocket[] = []

  static latest(): MemorySocket {
    const socket = MemorySocket.opened[MemorySocket.opened.length - 1]
    if (socket === undefined) throw new Error('no socket was opened')
    return socket
  }

  readonly CONNECTING = 0
  readonly OPEN = 1
  readonly CLOSING = 2
  readonly CLOSED = 3
  readonly bufferedAmount = 0
  readonly extensions = ''
  readonly protocol = ''
  readonly url: string
  binaryType: BinaryType = 'blob'
  readyState: 0 | 1 | 2 | 3 = 0
  onopen = null
  onclose = null
  onerror = null
  onmessage = null
  readonly heard: Heard[] = []
  address = ''

  constructor(url: string | URL) {
    super()
    this.url = String(url)
    MemorySocket.opened.push(this)
  }

  send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
    if (!(data instanceof Uint8Array)) throw new Error('binary frames only')
    const decoder = createDecoder(data)
    this.address = readVarString(decoder)
    const type = readVarUint(decoder)
    this.heard.push({ type, sub: hasContent(decoder) ? readVarUint(decoder) : null })
  }

  close(): void {
    this.readyState = 3
  }

  /** How many frames of a kind have arrived. */
  count(type: number, sub: number): number {
    return this.heard.filter((frame) => frame.type === type && frame.sub === sub).length
  }

  open(): void {
    this.readyState = 1
    this.dispatchEvent(new Event('open'))
  }

  breakOff(code: number): void {
    this.readyState = 3
    this.dispatchEvent(Object.assign(new Event('close'), { code, reason: '' }))
  }

  admit(scope: 'read-write' | 'readonly'): void {
    this.say(2, (encoder) => {
      writeVarUint(encoder, 2)
      writeVarString(encoder, scope)
    })
  }

  /** The server's half of the first exchange: what it has, and the question what the client has. */
  greet(server: Y.Doc): void {
    this.say(0, (encoder) => {
      writeVarUint(encoder, 0)
      writeVarUint8Array(encoder, Y.encodeStateVector(server))
    })
    this.say(0, (encoder) => {
      writeVarUint(encoder, 1)
      writeVarUint8Array(encoder, Y.encodeStateAsUpdate(server))
    })
  }

  judge(accepted: boolean): void {
    this.say(8, (encoder) => writeVarUint(encoder, accepted ? 1 : 0))
  }

  tell(message: unknown): void {
    this.say(5, (encoder) => writeVarString(encoder, JSON.stringify(message)))
  }

  private say(type: number, write: (encoder: Encoder) => void): void {
    const encoder = createEncoder()
    writeVarString(encoder, this.address)
    writeVarUint(encoder, type)
    write(encoder)
    const { buffer } = toUint8Array(encoder).slice()
    this.dispatchEvent(Object.assign(new Event('message'), { data: buffer }))
  }
}

