/** Views that somebody kept, in the discussion's document: they open for everybody as they were. (docs/SPEC.md, FOL-11) */
import * as Y from 'yjs'
import type { Author } from '../annotations/annotation'
import type { Judge } from '../annotations/stored'
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
export function read(id: string, value: unknown, judge: Judge): Bookmark | null {
  if (!(value instanceof Y.Map) || value._item === null) return null
  const { client, clock } = value._item.id
  const [title, view, claimed, at] = ['title', 'view', 'by', 'at'].map((name) => value.get(name))
  const carried = unpack(view)
  if (carried === null || typeof title !== 'string' || typeof at !== 'number' || !Number.isFinite(at)) return null
  const by = judge(client, clock, claimedBy(claimed))
  return {
    id,
    title: title.slice(0, LONGEST_TITLE),
    view: { ...carried, pointer: null, isPlaying: false },
    by: { id: by.id, name: by.name },
    at,
    isRemoved: value.get('removed') === true,
  }
}

/** What the page that kept it said of itself. */
function claimedBy(value: unknown): Author {
  const said = new Map<string, unknown>(typeof value === 'object' && value !== null ? Object.entries(value) : [])
  const [id, name] = [said.get('id'), said.get('name')]
  return { id: typeof id === 'string' ? id : '', name: typeof name === 'string' ? name : '', role: '', color: '' }
}

export function listed(root: Stored, judge: Judge): readonly Bookmark[] {
  return [...root.entries()].flatMap(([id, value]) => read(id, value, judge) ?? []).sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
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
  #root = $state.raw<Stored | null>(null)
  /** How often it has changed. */
  #changes = $state(0)
  readonly #desk: Desk
  /** Read anew too once the journal has said who wrote one. */
  readonly all: readonly Bookmark[] = $derived.by(() => {
    void this.#changes
    return this.#root === null ? [] : listed(this.#root, this.#desk.discussion.judge)
  })
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
    const root: Stored = doc.getMap(BOOKMARKS)
    const look = (): void => void (this.#changes += 1)
    this.#root = root
    root.observeDeep(look)
    return () => root.unobserveDeep(look)
  }

  keep(view: Carried, title: string): string | null {
    const root = this.#writable
    const { me } = this.#desk.record
    return root === null ? null : keep(root, view, title, me, Date.now())
  }

  rename(id: string, title: string): void {
    if (this.#writable !== null && title.trim() !== '') change(this.#writable, id, 'title', title.trim().slice(0, LONGEST_TITLE))
  }

  setRemoved(id: string, isRemoved: boolean): void {
    if (this.#writable !== null) change(this.#writable, id, 'removed', isRemoved)
  }

  get #writable(): Stored | null {
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
