/** What goes from this device, and when. */
import type { Database, WishRow } from './database'
import { judge } from './lease'

export const everything = ['vaults', 'updates', 'facts'] as const

/**
 * This person is here now: of what others kept on this device only what never reached the server stays, sealed as it was,
 * until they come back or their time is over. Whose vaults are gone.
 */
export async function tidy(database: Database, person: string, wall: () => number): Promise<readonly string[]> {
  const gone: string[] = []
  for (const row of await database.getAll('vaults')) {
    if (row.person === person) continue
    if (judge(row.lease, wall()) !== 'over' && (await keepUnsaved(database, row.person)) > 0) continue
    await empty(database, row.person)
    gone.push(row.person)
  }
  return gone
}

/** How many pieces are left. */
async function keepUnsaved(database: Database, person: string): Promise<number> {
  const transaction = database.transaction(everything, 'readwrite')
  let left = 0
  for await (const cursor of transaction.objectStore('updates').index('person').iterate(person)) {
    if (cursor.value.changes > 0) left++
    else await cursor.delete()
  }
  for await (const cursor of transaction.objectStore('facts').index('person').iterate(person)) {
    if (cursor.value.name.startsWith('draft/')) left++
    else await cursor.delete()
  }
  await transaction.done
  return left
}

/**
 * The key goes first: without it the rest is noise, also in what a disk still holds of deleted files. A wish that comes
 * with it is kept in the same transaction: a page that is left meanwhile has done both or nothing.
 */
export async function empty(database: Database, person: string, wish: WishRow | null = null): Promise<void> {
  const transaction = database.transaction(['wishes', ...everything], 'readwrite')
  if (wish !== null) await transaction.objectStore('wishes').put(wish)
  await transaction.objectStore('vaults').delete(person)
  for (const store of ['updates', 'facts'] as const) {
    for await (const cursor of transaction.objectStore(store).index('person').iterate(person)) await cursor.delete()
  }
  await transaction.done
}
