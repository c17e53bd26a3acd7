/**
 * What one person keeps on this device. Nothing is decrypted before the lease was judged, and nothing is written once the
 * vault was emptied: every write asks in its own transaction whether the vault is still there, since another tab may have
 * signed out meanwhile.
 */
import type { Grant } from '../api'
import type { Database, FactRow, UpdateRow, VaultRow } from './database'
import { empty, everything, tidy } from './forgetting'
import { judge, renewed, seen, type Verdict } from './lease'
import { importKey, type Key, seal, type Sealed, unseal } from './seal'

/** The vault was emptied: signed out, revoked, or over. */
export class Emptied extends Error {}

/** One stored piece of a document. */
export interface Piece {
  readonly id: number
  readonly update: Uint8Array
  readonly changes: number
}

export interface Fact {
  readonly name: string
  readonly at: number
  readonly value: unknown
}

const HOUR_MS = 3_600_000

export class Vault {
  readonly person: string
  readonly #database: Database
  readonly #wall: () => number
  #keys: readonly Key[]

  private constructor(database: Database, row: VaultRow, wall: () => number) {
    this.#database = database
    this.person = row.person
    this.#keys = row.keys
    this.#wall = wall
  }

  /** Begin, or go on, with a key fresh from the server; what was sealed with an earlier one is sealed anew. */
  static async admit(database: Database, grant: Grant, wall: () => number): Promise<Vault> {
    const key = await importKey(grant.key)
    const transaction = database.transaction('vaults', 'readwrite')
    const held = await transaction.store.get(grant.person)
    const keys = [key, ...(held?.keys ?? []).filter(({ id }) => id !== key.id)]
    const row = {
      person: grant.person,
      keys,
      lease: renewed(grant.keepHours * HOUR_MS, wall()),
      signInEndsAt: grant.expiresAt,
    }
    await transaction.store.put(row)
    await transaction.done
    const vault = new Vault(database, row, wall)
    if (keys.length > 1) await vault.#sealAnew()
    return vault
  }

  /** Without a network: the vault of this person, if there is one and its time is not over. */
  static async recall(database: Database, person: string, wall: () => number): Promise<{ vault: Vault | null; verdict: Verdict }> {
    const row = await database.get('vaults', person)
    const verdict = row === undefined ? 'good' : judge(row.lease, wall())
    if (verdict === 'over') await empty(database, person)
    await tidy(database, person, wall)
    if (row === undefined || verdict !== 'good') return { vault: null, verdict }
    const vault = new Vault(database, row, wall)
    await vault.see()
    return { vault, verdict }
  }

  /** Note the time, so that a clock set back later is noticed. */
  async see(): Promise<Verdict> {
    const transaction = this.#database.transaction('vaults', 'readwrite')
    const row = await transaction.store.get(this.person)
    if (row === undefined) throw new Emptied()
    const verdict = judge(row.lease, this.#wall())
    await transaction.store.put({ ...row, lease: seen(row.lease, this.#wall()) })
    await transaction.done
    return verdict
  }

  /** None: this person keeps nothing here. */
  static async signInEndsAt(database: Database, person: string): Promise<number | null> {
    return (await database.get('vaults', person))?.signInEndsAt ?? null
  }

  /** The pieces of a document, oldest first. Pieces that cannot be opened are left out and removed: they are of no use to anybody. */
  async pieces(document: string): Promise<readonly Piece[]> {
    const place = this.#place(document)
    const transaction = this.#database.transaction(['vaults', 'updates'])
    this.#learn(await transaction.objectStore('vaults').get(this.person))
    const rows = await transaction.objectStore('updates').index('document').getAll(place)
    const opened: Piece[] = []
    for (const { id, sealed, changes } of rows) {
      if (id === undefined) continue
      const update = await this.#open(place, sealed)
      if (update === null) await this.#database.delete('updates', id)
      else opened.push({ id, update, changes })
    }
    return opened
  }

  async append(document: string, update: Uint8Array, changes: number): Promise<number> {
    const place = this.#place(document)
    for (;;) {
      const sealed = await seal(this.#newest, place, update)
      const transaction = this.#database.transaction(['vaults', 'updates'], 'readwrite')
      if (this.#agrees(await transaction.objectStore('vaults').get(this.person), sealed)) {
        const id = await transaction.objectStore('updates').add({ person: this.person, document: place, changes, sealed })
        await transaction.done
        return id
      }
    }
  }

  /** The server has acknowledged what is in these pieces. */
  async acknowledge(ids: Iterable<number>): Promise<void> {
    const transaction = this.#database.transaction('updates', 'readwrite')
    for (const id of ids) {
      const row = await transaction.store.get(id)
      if (row !== undefined && row.changes > 0) await transaction.store.put({ ...row, changes: 0 })
    }
    await transaction.done
  }

  /** Put one piece in the place of several. Does nothing if one of them is gone: another tab was faster. */
  async merge(document: string, ids: readonly number[], update: Uint8Array): Promise<number | null> {
    const place = this.#place(document)
    const sealed = await seal(this.#newest, place, update)
    const transaction = this.#database.transaction(['vaults', 'updates'], 'readwrite')
    if (!this.#agrees(await transaction.objectStore('vaults').get(this.person), sealed)) return null
    const updates = transaction.objectStore('updates')
    let changes = 0
    for (const id of ids) {
      const row = await updates.get(id)
      if (row === undefined) return null
      changes += row.changes
    }
    for (const id of ids) await updates.delete(id)
    const merged = await updates.add({ person: this.person, document: place, changes, sealed })
    await transaction.done
    return merged
  }

  async drop(document: string): Promise<void> {
    const transaction = this.#database.transaction('updates', 'readwrite')
    for await (const cursor of transaction.store.index('document').iterate(this.#place(document))) await cursor.delete()
    await transaction.done
  }

  /** Document → edits that the server has not acknowledged, for every document kept. Reads nothing that is sealed. */
  async unsaved(): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>()
    for (const { document, changes } of await this.#database.getAllFromIndex('updates', 'person', this.person)) {
      const name = document.slice(this.person.length + 1)
      counts.set(name, (counts.get(name) ?? 0) + changes)
    }
    return counts
  }

  async keep(name: string, value: unknown): Promise<void> {
    const place = this.#place(name)
    for (;;) {
      const sealed = await seal(this.#newest, place, new TextEncoder().encode(JSON.stringify(value)))
      const transaction = this.#database.transaction(['vaults', 'facts'], 'readwrite')
      if (this.#agrees(await transaction.objectStore('vaults').get(this.person), sealed)) {
        await transaction.objectStore('facts').put({ person: this.person, name, at: this.#wall(), sealed })
        return transaction.done
      }
    }
  }

  /** Everything that is kept under names with this beginning. */
  async facts(beginning: string): Promise<readonly Fact[]> {
    const range = IDBKeyRange.bound([this.person, beginning], [this.person, `${beginning}\uffff`])
    const transaction = this.#database.transaction(['vaults', 'facts'])
    this.#learn(await transaction.objectStore('vaults').get(this.person))
    const found: Fact[] = []
    for (const { name, at, sealed } of await transaction.objectStore('facts').getAll(range)) {
      const plain = await this.#open(this.#place(name), sealed)
      if (plain !== null) found.push({ name, at, value: JSON.parse(new TextDecoder().decode(plain)) })
    }
    return found
  }

  async forget(name: string): Promise<void> {
    await this.#database.delete('facts', [this.person, name])
  }

  /** Everything of one case: its documents, the answers about it, its drafts. */
  async dropCase(id: string): Promise<void> {
    const transaction = this.#database.transaction(['updates', 'facts'], 'readwrite')
    for await (const cursor of transaction.objectStore('updates').index('person').iterate(this.person)) {
      if (cursor.value.document.startsWith(this.#place(`${id}/`))) await cursor.delete()
    }
    for await (const cursor of transaction.objectStore('facts').index('person').iterate(this.person)) {
      const { name } = cursor.value
      if (name === `case/${id}` || name.startsWith(`draft/${id}/`)) await cursor.delete()
    }
    await transaction.done
  }

  get #newest(): Key {
    const [key] = this.#keys
    if (key === undefined) throw new Emptied()
    return key
  }

  #place(name: string): string {
    return `${this.person} ${name}`
  }

  /** Another tab may have signed in again and brought a newer key. Throws when the vault was emptied. */
  #learn(row: VaultRow | undefined): void {
    if (row === undefined) throw new Emptied()
    this.#keys = row.keys
  }

  /** Whether what was sealed can be opened by everybody who has the vault as it is now. */
  #agrees(row: VaultRow | undefined, sealed: Sealed): boolean {
    this.#learn(row)
    return this.#keys.some(({ id }) => id === sealed.key)
  }

  async #open(place: string, sealed: Sealed): Promise<Uint8Array | null> {
    try {
      return await unseal(this.#keys, place, sealed)
    } catch {
      return null
    }
  }

  /** Bring everything under the newest key, then forget the others: they belong to sign-ins that are over. */
  async #sealAnew(): Promise<void> {
    const newest = this.#newest
    const again = async (place: string, sealed: Sealed): Promise<Sealed | null> => {
      if (sealed.key === newest.id) return null
      const plain = await this.#open(place, sealed)
      return plain === null ? null : seal(newest, place, plain)
    }
    for (let round = 0; round < 5; round++) {
      const updates: UpdateRow[] = []
      for (const row of await this.#database.getAllFromIndex('updates', 'person', this.person)) {
        const sealed = await again(row.document, row.sealed)
        if (sealed !== null) updates.push({ ...row, sealed })
      }
      const facts: FactRow[] = []
      for (const row of await this.#database.getAllFromIndex('facts', 'person', this.person)) {
        const sealed = await again(this.#place(row.name), row.sealed)
        if (sealed !== null) facts.push({ ...row, sealed })
      }
      if (await this.#swap(updates, facts, newest)) return
    }
  }

  /** Whether nothing is sealed with an earlier key any more; another tab may have written with it meanwhile. */
  async #swap(updates: readonly UpdateRow[], facts: readonly FactRow[], newest: Key): Promise<boolean> {
    const transaction = this.#database.transaction(everything, 'readwrite')
    const held = await transaction.objectStore('vaults').get(this.person)
    if (held === undefined) throw new Emptied()
    const [updateStore, factStore] = [transaction.objectStore('updates'), transaction.objectStore('facts')]
    for (const row of updates) {
      const now = row.id === undefined ? undefined : await updateStore.get(row.id)
      if (now !== undefined) await updateStore.put({ ...row, changes: now.changes })
    }
    for (const row of facts) {
      if ((await factStore.get([row.person, row.name]))?.at === row.at) await factStore.put(row)
    }
    const left = [...(await updateStore.index('person').getAll(this.person)), ...(await factStore.index('person').getAll(this.person))]
    const readable = new Set(held.keys.map(({ id }) => id))
    const done = left.every(({ sealed }) => sealed.key === newest.id || !readable.has(sealed.key))
    if (done) {
      this.#keys = [newest]
      await transaction.objectStore('vaults').put({ ...held, keys: this.#keys })
    }
    await transaction.done
    return done
  }
}
