/** What others changed in a record since somebody last saw it: who, and in which sections. */
import * as Y from 'yjs'
import { itemsIn } from './items'
import type { Edit } from './past'

export interface News {
  /** Ids of people, the one who reads left out. */
  readonly people: ReadonlySet<string>
  /** Names of roots: sections, and the head. */
  readonly places: ReadonlySet<string>
}

/**
 * Only what is left of it counts: what came and went again in between is no news. `doc` is the record as it is now, with all
 * of these edits in it.
 */
export function newsOf(doc: Y.Doc, edits: readonly Edit[], me: string): News {
  const came = new Ranges()
  const read = edits.map((edit) => ({ edit, ...Y.decodeUpdate(edit.update) }))
  for (const { structs } of read) {
    for (const struct of structs) if (!(struct instanceof Y.Skip)) came.add(struct.id.client, struct.id.clock, struct.length)
  }
  const people = new Set<string>()
  const places = new Set<string>()
  const roots = new Map([...doc.share].map(([name, root]) => [root, name]))
  const found = (author: string, client: number, clock: number, length: number, isThere: (item: Y.Item) => boolean): void => {
    if (author === me) return
    for (const item of itemsIn(doc.store, client, clock, clock + length)) {
      const place = isThere(item) ? placeOf(item, roots) : null
      if (place === null) continue
      people.add(author)
      places.add(place)
    }
  }
  for (const { edit, structs, ds } of read) {
    for (const struct of structs) {
      if (!(struct instanceof Y.Skip)) found(edit.author, struct.id.client, struct.id.clock, struct.length, ({ deleted }) => !deleted)
    }
    for (const [client, deletes] of ds.clients) {
      for (const { clock, len } of deletes) if (!came.covers(client, clock, len)) found(edit.author, client, clock, len, ({ deleted }) => deleted)
    }
  }
  return { people, places }
}

/** The name of the root that an item lies in; null when what it lay in is gone. */
function placeOf(item: Y.Item, roots: ReadonlyMap<unknown, string>): string | null {
  for (let { parent } = item; parent instanceof Y.AbstractType; ) {
    const root = roots.get(parent)
    if (root !== undefined) return root
    const around: Y.Item | null = parent._item
    if (around === null || around.deleted) return null
    ;({ parent } = around)
  }
  return null
}

/** Clocks of many clients; neighbours are one range. */
class Ranges {
  readonly #held = new Map<number, { readonly start: number; end: number }[]>()

  add(client: number, clock: number, length: number): void {
    const held = this.#held.get(client) ?? []
    const last = held.at(-1)
    if (last !== undefined && last.end === clock) last.end = clock + length
    else held.push({ start: clock, end: clock + length })
    this.#held.set(client, held)
  }

  covers(client: number, clock: number, length: number): boolean {
    return this.#held.get(client)?.some(({ start, end }) => start <= clock && clock + length <= end) ?? false
  }
}
