/**
 * Where the files are that this page sends, kept in this browser until they have arrived: after a reload one press goes on. It
 * goes at sign-out, and when somebody else signs in. Where nothing can be kept, the same files have to be chosen again.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import { type Origin, originOf, permits, reopen } from './origins'
import type { Sending } from './sending'

interface Row extends Origin {
  readonly key: string
  readonly person: string
  readonly caseId: string
  readonly digest: string
}

interface Schema extends DBSchema {
  files: { key: string; value: Row }
}

export interface Reopened {
  readonly files: readonly File[]
  /** How many may not be read, or are not there any more. */
  readonly missing: number
}

class KeptOrigins {
  /** What an earlier page sent. */
  #rows = $state.raw<ReadonlyMap<string, Row>>(new Map())
  #person = ''
  /** Keys of what this page sends. */
  #followed = new Set<string>()
  #opened: Promise<IDBPDatabase<Schema> | null> | null = null

  meet(person: string): void {
    this.#person = person
    this.#followed = new Set()
    void this.#do(async (database) => {
      const rows = await database.getAll('files')
      await Promise.all(rows.filter((row) => row.person !== person).map(({ key }) => database.delete('files', key)))
      if (this.#person === person) this.#rows = new Map(rows.filter((row) => row.person === person).map((row) => [row.key, row]))
    })
  }

  /** Nobody is here any more. */
  clear(): void {
    this.#person = ''
    this.#rows = new Map()
    void this.#do((database) => database.clear('files'))
  }

  /** Keeps what is on its way, forgets what is not any more. */
  follow(items: readonly Sending[]): void {
    const now = new Map(items.flatMap((item) => this.#rowOf(item)).map((row) => [row.key, row]))
    const gone = [...this.#followed].filter((key) => !now.has(key))
    const fresh = [...now.values()].filter(({ key }) => !this.#followed.has(key))
    this.#followed = new Set(now.keys())
    if (gone.length > 0) this.#forget(gone)
    if (fresh.length > 0) void this.#do((database) => Promise.all(fresh.map((row) => database.put('files', row))))
  }

  /** Whether one press is enough to go on with it; reactive. */
  has(caseId: string, digest: string): boolean {
    return this.#rows.has(keyOf(this.#person, caseId, digest))
  }

  /** By the server's word these alone have not arrived. */
  keepOnly(caseId: string, digests: ReadonlySet<string>): void {
    const gone = [...this.#rows.values()].filter((row) => row.caseId === caseId && !digests.has(row.digest) && !this.#followed.has(row.key))
    if (gone.length > 0) this.#forget(gone.map(({ key }) => key))
  }

  /** Only in the turn of a press of the person: the browser asks whether the page may read them. */
  async reopen(caseId: string, digests: readonly string[]): Promise<Reopened> {
    const rows = digests.flatMap((digest) => this.#rows.get(keyOf(this.#person, caseId, digest)) ?? [])
    const asked: { readonly handle: FileSystemHandle; readonly may: boolean }[] = []
    const files: File[] = []
    for (const row of rows) {
      let root = null
      for (const each of asked) if (root === null && (await each.handle.isSameEntry(row.handle))) root = each
      if (root === null) {
        root = { handle: row.handle, may: await permits(row.handle) }
        asked.push(root)
      }
      const file = root.may ? await reopen({ handle: root.handle, path: row.path }) : null
      if (file !== null) files.push(file)
    }
    return { files, missing: rows.length - files.length }
  }

  #rowOf({ caseId, file, hashed, upload, stage }: Sending): readonly Row[] {
    const origin = originOf(file)
    if (origin === null || hashed === null || upload === null || ['arrived', 'duplicate'].includes(stage.at)) return []
    const { digest } = hashed
    return [{ key: keyOf(this.#person, caseId, digest), person: this.#person, caseId, digest, handle: origin.handle, path: origin.path }]
  }

  #forget(keys: readonly string[]): void {
    this.#rows = new Map([...this.#rows].filter(([key]) => !keys.includes(key)))
    void this.#do((database) => Promise.all(keys.map((key) => database.delete('files', key))))
  }

  /** A browser that keeps nothing costs a press later, and nothing now. */
  async #do(work: (database: IDBPDatabase<Schema>) => Promise<unknown>): Promise<void> {
    try {
      this.#opened ??= openDB<Schema>('consilium-files', 1, {
        upgrade: (database) => void database.createObjectStore('files', { keyPath: 'key' }),
      }).catch(() => null)
      const database = await this.#opened
      if (database !== null) await work(database)
    } catch {
      // Full, or taken away: the files can be chosen again.
    }
  }
}

function keyOf(person: string, caseId: string, digest: string): string {
  return `${person} ${caseId} ${digest}`
}

export const keptOrigins = new KeptOrigins()
