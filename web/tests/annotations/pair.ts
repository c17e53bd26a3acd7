/** People with a discussion each, on a line that can be cut. */
import * as Y from 'yjs'
import type { Author, Drawn } from '../../src/annotations/annotation'
import { Annotations, type Around } from '../../src/annotations/annotations.svelte'

export interface Marker {
  readonly doc: Y.Doc
  readonly marked: Annotations
  readonly me: Author
}

export interface Group {
  readonly people: readonly Marker[]
  at(which: number): Marker
  /** Who is off the line gets nothing and is heard by nobody until it is there again. */
  cut(which: number): void
  mend(which: number): void
  /** Everybody is on the line. */
  mendAll(): void
}

const NAMES = ['Ada Ferro', 'Bo Lind', 'Cleo Wirth']

/** `wrote`: the journal's word, by client id; without one the page that wrote it is believed. */
export function group(count: number, around: (base: Around, which: number) => Around = (base) => base): Group {
  let ids = 0
  let seconds = 0
  const people = Array.from({ length: count }, (_, which): Marker => {
    const doc = new Y.Doc()
    doc.clientID = which + 1
    const me = { id: `person${which}`, name: NAMES[which] ?? '', role: 'contributor', color: '#0b6b6b' }
    const base: Around = {
      mayMark: true,
      isKnown: true,
      me,
      judge: (_client, _clock, claimed) => claimed,
      now: () => new Date(Date.UTC(2026, 0, 1) + 1000 * seconds++),
      makeId: () => `mark${ids++}`,
    }
    const marked = new Annotations(around(base, which))
    marked.follow(doc)
    return { doc, marked, me }
  })
  const off = new Set<number>()
  const bring = (from: Y.Doc, to: Y.Doc): void => Y.applyUpdate(to, Y.encodeStateAsUpdate(from, Y.encodeStateVector(to)), 'line')
  people.forEach(({ doc }, which) =>
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === 'line' || off.has(which)) return
      people.forEach((other, at) => at !== which && !off.has(at) && Y.applyUpdate(other.doc, update, 'line'))
    }),
  )
  const meet = (): void => {
    const on = people.filter((_, which) => !off.has(which))
    for (const some of on) for (const other of on) if (some !== other) bring(some.doc, other.doc)
  }
  const at = (which: number): Marker => {
    const found = people[which]
    if (found === undefined) throw new Error('nobody')
    return found
  }
  return {
    people,
    at,
    cut: (which) => void off.add(which),
    mend(which) {
      off.delete(which)
      meet()
    },
    mendAll() {
      off.clear()
      meet()
    },
  }
}

export function drawn(more: Partial<Drawn> = {}): Drawn {
  return {
    media: 'media1',
    spot: { file: '1.2.3', frame: 4, seconds: null },
    shape: 'length',
    points: [
      { x: 10, y: 20 },
      { x: 30, y: 40 },
    ],
    label: 'Nodule',
    code: null,
    ...more,
  }
}
