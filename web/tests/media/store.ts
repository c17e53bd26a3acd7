/** A small S3 and a small API on a real port: what the uploader meets, with faults on demand. */
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fields, list, number, text } from '../../src/parse'

interface Held {
  readonly id: string
  readonly digest: string
  readonly size: number
  state: 'uploading' | 'quarantined'
  readonly parts: Map<number, string>
}

/** What it does instead of what it should, as often as it is told. */
export interface Faults {
  /** The answers of the next PUTs: a status and S3's word, or `cut` for a link that breaks. */
  puts: ({ status: number; code: string } | 'cut')[]
  /** Addresses that were given out are too old. */
  isExpired: boolean
  /** The API answers so, before anything else. */
  api: { status: number; body: object; headers?: Record<string, string> }[]
  refuse: { reason: string; limit_bytes?: number } | null
  duplicate: string | null
}

export class Store {
  readonly faults: Faults = { puts: [], isExpired: false, api: [], refuse: null, duplicate: null }
  readonly uploads = new Map<string, Held>()
  readonly log: string[] = []
  /** PUTs on the line now, and the most there ever were. */
  atOnce = 0
  mostAtOnce = 0
  /** Holds every PUT until it resolves. */
  gate: Promise<void> = Promise.resolve()
  url = ''
  #server: Server
  #turn = 0

  constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response))
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close(): Promise<void> {
    this.#server.closeAllConnections()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url)
    const [, kind, , , , id = '', what] = url.pathname.split('/')
    if (kind === 's3') return this.#take(request, response, url)
    const body = await read(request)
    this.log.push(`${request.method ?? ''} ${what ?? (id === '' ? 'begin' : 'upload')}`)
    const fault = this.faults.api.shift()
    if (fault !== undefined) return json(response, fault.status, fault.body, fault.headers)
    const said = body.length === 0 ? fields({}) : fields(JSON.parse(body.toString()))
    if (request.method === 'DELETE') {
      this.uploads.delete(id)
      response.writeHead(204).end()
    } else if (id === '') json(response, 200, { uploads: list(said, 'files', (each) => this.#begin(fields(each))) })
    else if (what === 'parts') this.#sign(response, id, list(said, 'parts', (each) => fields(each)))
    else if (what === 'complete') this.#complete(response, id)
  }

  #begin(file: ReturnType<typeof fields>): object {
    if (this.faults.refuse !== null) return { outcome: 'refused', ...this.faults.refuse }
    if (this.faults.duplicate !== null) return { outcome: 'duplicate', duplicate_of: this.faults.duplicate }
    const digest = text(file, 'digest')
    const known = [...this.uploads.values()].find((each) => each.digest === digest)
    const held: Held = known ?? { id: `u${(this.#turn += 1)}`, digest, size: number(file, 'size'), state: 'uploading', parts: new Map() }
    this.uploads.set(held.id, held)
    return { outcome: 'begun', ...shown(held) }
  }

  #sign(response: ServerResponse, id: string, parts: readonly ReturnType<typeof fields>[]): void {
    if (!this.uploads.has(id)) return json(response, 404, { title: 'Nothing.', reason: 'not-found' })
    this.faults.isExpired = false
    const signed = parts.map((part) => {
      const [of, sha256] = [number(part, 'number'), text(part, 'sha256')]
      return { number: of, url: `${this.url}/s3/${id}/${of}?sha256=${sha256}`, headers: { 'x-amz-checksum-sha256': sha256 }, expires_at: Date.now() + 600_000 }
    })
    json(response, 200, { parts: signed })
  }

  #complete(response: ServerResponse, id: string): void {
    const held = this.uploads.get(id)
    if (held === undefined) return json(response, 404, { title: 'Nothing.', reason: 'not-found' })
    const count = Math.max(1, Math.ceil(held.size / (8 * 1024 * 1024)))
    if (held.parts.size < count) return json(response, 409, { title: 'Parts are missing.', reason: 'parts-missing' })
    const sums = Array.from({ length: count }, (_, at) => Buffer.from(held.parts.get(at + 1) ?? '', 'hex'))
    if (sha256(Buffer.concat(sums)) !== held.digest) return json(response, 409, { title: 'Other bytes.', reason: 'conflict' })
    held.state = 'quarantined'
    json(response, 200, shown(held))
  }

  async #take(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const [, , id = '', part = ''] = url.pathname.split('/')
    this.atOnce += 1
    this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce)
    const body = await read(request).catch(() => null)
    await this.gate
    this.atOnce -= 1
    if (body === null) return
    this.log.push(`PUT ${id}/${part}`)
    const fault = this.faults.puts.shift()
    if (fault === 'cut') return void request.socket.destroy()
    if (fault !== undefined) return xml(response, fault.status, fault.code)
    if (this.faults.isExpired) return xml(response, 403, 'AccessDenied')
    const held = this.uploads.get(id)
    if (held === undefined) return xml(response, 404, 'NoSuchUpload')
    if (sha256(body) !== url.searchParams.get('sha256')) return xml(response, 400, 'XAmzContentSHA256Mismatch')
    held.parts.set(Number(part), sha256(body))
    response.writeHead(200).end()
  }
}

function shown({ id, digest, size, state, parts }: Held): object {
  return { id, name: 'a file', size, digest, state, reason: null, kind: null, at: 1, parts_done: [...parts.keys()], progress: null, media: null, can_retry: false, is_mine: true }
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function json(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json', ...headers }).end(JSON.stringify(body))
}

function xml(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' }).end(`<?xml version="1.0"?><Error><Code>${code}</Code></Error>`)
}
