import * as Y from 'yjs'

/** The items that hold `start <= clock < end`, as far as they came and are kept; the first and the last may hold more. */
export function* itemsIn(store: Y.Doc['store'], client: number, start: number, end: number): Generator<Y.Item> {
  const structs = store.clients.get(client)
  if (structs === undefined || start >= Y.getState(store, client)) return
  for (let at = Y.findIndexSS(structs, start); at < structs.length; at++) {
    const struct = structs[at]
    if (struct === undefined || struct.id.clock >= end) return
    if (struct instanceof Y.Item) yield struct
  }
}
