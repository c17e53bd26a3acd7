/** The one database of this device: who keeps copies here, and what is kept, sealed. */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import type { Lease } from './lease'
import type { Key, Sealed } from './seal'

export interface VaultRow {
  readonly person: string
  /** The newest first. Earlier ones stay only until everything is sealed anew. */
  readonly keys: readonly Key[]
  readonly lease: Lease
  /** When the sign-in ends by itself, by the server's clock: a refusal before that means that it was revoked. */
  readonly signInEndsAt: number
}

/** One edit or several of a document. The document's name holds the case and the epoch. */
export interface UpdateRow {
  readonly id?: number
  readonly person: string
  /** `{person} {case}/{document}` */
  readonly document: string
  /** How many edits in it the server has not acknowledged. */
  readonly changes: number
  readonly sealed: Sealed
}

/** Something else that is kept: an answer of the API, a draft. */
export interface FactRow {
  readonly person: string
  /** `me`, `case/{id}`, `draft/{case}/{id}` */
  readonly name: string
  readonly at: number
  readonly sealed: Sealed
}

/** What a person said about copies on this device. */
export interface WishRow {
  readonly person: string
  readonly keep: boolean
}

export interface Schema extends DBSchema {
  wishes: { key: string; value: WishRow }
  vaults: { key: string; value: VaultRow }
  updates: { key: number; value: UpdateRow; indexes: { document: string; person: string } }
  facts: { key: [string, string]; value: FactRow; indexes: { person: string } }
}

export type Database = IDBPDatabase<Schema>

export const NAME = 'consilium'

/** Throws where the browser keeps nothing: private windows of some, blocked storage, a full disk. */
export function openDatabase(onBlocking: () => void): Promise<Database> {
  return openDB<Schema>(NAME, 1, {
    upgrade(database) {
      database.createObjectStore('wishes', { keyPath: 'person' })
      database.createObjectStore('vaults', { keyPath: 'person' })
      const updates = database.createObjectStore('updates', { keyPath: 'id', autoIncrement: true })
      updates.createIndex('document', 'document')
      updates.createIndex('person', 'person')
      database.createObjectStore('facts', { keyPath: ['person', 'name'] }).createIndex('person', 'person')
    },
    blocking: onBlocking,
  })
}
