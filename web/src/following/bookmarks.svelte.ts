/** Views that somebody kept, in the discussion's document: they open for everybody as they were. (docs/SPEC.md, FOL-11) */
import * as Y from 'yjs'
import type { Desk } from '../case/desk.svelte'
import { makeId } from '../discussion/makeId'
import type { Session } from '../sync/session'
import { type Carried, pack, unpack } from '../viewer/carried'

export const BOOKMARKS = 'bookmarks'
export const LONGEST_TITLE = 200

export interface Bookmark {
  readonly id: string
  readonly title: string
  readonly view: Carried
  readonly by: { readonly id: string; readonly name: string }
  /** Milliseconds since 1970, by the clock of whoever made it. */
  readonly at: number
  readonly isRemoved: boolean
}

type Stored = Y.Map<unknown>

/** Null for what is none: other clients may write here, too. */
export function read(id: string, value: unknown): Bookmark | null {
  if (!(value instanceof Y.Map)) return null
  const [title, view, by, at] = ['title', 'view', 'by', 'at'].map((name) => value.get(name))
  const carried = unpack(view)
  if (carried === null || typeof title !== 'string' || typeof at !== 'number' || !Number.isFinite(at)) return null
  const who = typeof by === 'object' && by !== null ? new Map<string, unknown>(Object.entries(by)) : new Map<string, unknown>()
  const [person, name] = [who.get('id'), who.get('name')]
  return {
    id,
    title: title.slice(0, LONGEST_TITLE),
    view: { ...carried, pointer: null, isPlaying: false },
    by: { id: typeof person === 'string' ? person : '', name: typeof name === 'string' ? name : '' },
    at,
    isRemoved: value.get('removed') === true,
  }
}

export function listed(root: Stored): readonly Bookmark[] {
  return [...root.entries()].flatMap(([id, value]) => read(id, value) ?? []).sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
}

/** A kept view says neither where a hand was nor that a film ran. */
export function keep(root: Stored, view: Carried, title: string, by: { readonly id: string; readonly name: string }, at: number, id = makeId()): string {
  const made = new Y.Map<unknown>(
    Object.entries({ title: title.slice(0, LONGEST_TITLE), view: [...pack({ ...view, pointer: null, isPlaying: false })], by: { id: by.id, name: by.name }, at }),
  )
  root.set(id, made)
  return id
}

/** Each of its own: that one person renames it and another removes it are both done. What is not there stays so. */
export function change(root: Stored, id: string, field: 'title' | 'removed', value: string | boolean): void {
  const held = root.get(id)
  if (held instanceof Y.Map && held.get(field) !== value) held.set(field, value)
}

export class Bookmarks {
  all = $state.raw<readonly Bookmark[]>([])
  readonly #desk: Desk
  readonly shown = $derived.by(() => this.all.filter(({ isRemoved }) => !isRemoved))
  readonly removed = $derived.by(() => this.all.filter(({ isRemoved }) => isRemoved))

  constructor(desk: Desk) {
    this.#desk = desk
  }

  get mayKeep(): boolean {
    return this.#desk.discussion.session !== null && this.#desk.discussion.mayWrite
  }

  /** For as long as this session lasts. */
  listen({ doc }: Session): () => void {
    const root = doc.getMap(BOOKMARKS)
    const look = (): void => void (this.all = listed(root))
    look()
    root.observeDeep(look)
    return () => root.unobserveDeep(look)
  }

  keep(view: Carried, title: string): string | null {
    const root = this.#root
    const { me } = this.#desk.record
    return root === null ? null : keep(root, view, title, me, Date.now())
  }

  rename(id: string, title: string): void {
    if (this.#root !== null && title.trim() !== '') change(this.#root, id, 'title', title.trim().slice(0, LONGEST_TITLE))
  }

  setRemoved(id: string, isRemoved: boolean): void {
    if (this.#root !== null) change(this.#root, id, 'removed', isRemoved)
  }

  get #root(): Stored | null {
    return this.mayKeep ? (this.#desk.discussion.session?.doc.getMap(BOOKMARKS) ?? null) : null
  }
}

const opened = new WeakMap<Desk, Bookmarks>()

/** Those of this page's case. */
export function bookmarksOf(desk: Desk): Bookmarks {
  const found = opened.get(desk) ?? new Bookmarks(desk)
  opened.set(desk, found)
  return found
}
