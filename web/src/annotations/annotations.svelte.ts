/** What is marked in a case, as it stands in the discussion's document, reactive for each medium by itself. */
import { SvelteMap } from 'svelte/reactivity'
import * as Y from 'yjs'
import type { Point } from '../viewer/geometry'
import { type Annotation, type Author, type Coded, type Drawn, isOpenTo, type Marked } from './annotation'
import { handlesOf, isBox } from './handles'
import { ANNOTATIONS, codeOf, isNear, type Judge, labelIn, offsetIn, read, shapeIn, stored, storedReply } from './stored'

type Stored = Y.Map<unknown>

/** What the marks ask of the page around them. */
export interface Around {
  readonly mayMark: boolean
  readonly isKnown: boolean
  readonly me: Author
  readonly judge: Judge
  readonly now: () => Date
  /** Another one each time, the same nowhere else. */
  readonly makeId: () => string
  /** How one is read; `read`, unless somebody counts. */
  readonly read?: typeof read
}

/** It was made by whom, and may be shown to be by somebody else once the journal has said so. */
interface Known {
  readonly annotation: Annotation
  readonly clients: ReadonlySet<number>
}

const NONE: readonly Annotation[] = []

export class Annotations implements Marked {
  canUndo = $state(false)
  canRedo = $state(false)

  readonly #around: Around
  readonly #lists = new SvelteMap<string, readonly Annotation[]>()
  readonly #known = new Map<string, Known>()
  /** How many there are or were: whoever asks for one that is not there asks again. */
  #count = $state(0)
  #root: Stored | null = null
  #undoing: Y.UndoManager | null = null
  /** Of changes made here, and of nothing else. */
  readonly #origin = { from: 'marking' }

  constructor(around: Around) {
    this.#around = around
  }

  get mayMark(): boolean {
    return this.#around.mayMark
  }

  get isKnown(): boolean {
    return this.#around.isKnown
  }

  of(media: string): readonly Annotation[] {
    return this.#lists.get(media) ?? NONE
  }

  find(id: string): Annotation | null {
    const known = this.#known.get(id)
    if (known === undefined) void this.#count
    else void this.#lists.get(known.annotation.media)
    return known?.annotation ?? null
  }

  /** From now on it is this document; what can be taken back begins anew. */
  follow(doc: Y.Doc): void {
    this.#undoing?.destroy()
    const root: Stored = doc.getMap(ANNOTATIONS)
    this.#root = root
    this.#undoing = new Y.UndoManager(root, { trackedOrigins: new Set([this.#origin]), captureTimeout: 0 })
    for (const happening of ['stack-item-added', 'stack-item-popped', 'stack-cleared'] as const) this.#undoing.on(happening, () => this.#tellSteps())
    this.#tellSteps()
    root.observeDeep((events) => {
      if (root === this.#root) this.#learn(events.flatMap((event) => idsIn(event, root)))
    })
    this.#learn([...this.#known.keys(), ...root.keys()])
  }

  /** Of these clients the journal has said whose they are. */
  judgeAgain(clients: ReadonlySet<number>): void {
    this.#learn([...this.#known].filter(([, known]) => [...known.clients].some((client) => clients.has(client))).map(([id]) => id))
  }

  add(drawn: Drawn): string {
    const id = this.#around.makeId()
    const root = this.#root
    if (root?.doc == null || !this.mayMark) return id
    const made = stored(id, drawn, this.#around.me, this.#around.now())
    made.set('removed', true)
    // Made in a step that is not taken back: taken back, it is one that was removed, with all that others did to it.
    root.doc.transact(() => root.set(id, made))
    root.doc.transact(() => made.delete('removed'), this.#origin)
    return id
  }

  /** The sides of a box stand under keys of their own: a corner is two of them. */
  moveHandle(id: string, at: number, to: Point): void {
    this.#reshape(id, (marked, annotation) => {
      const handle = handlesOf(annotation)[at]
      const handles = marked.get('handles')
      const [right, down] = offsetIn(marked)
      const [x, y] = [to.x - right, to.y - down]
      if (handle === undefined || !(handles instanceof Y.Map) || !isNear(x) || !isNear(y)) return
      if (isBox(annotation.shape)) {
        if (handle.x !== null) handles.set(`${handle.x}x`, x)
        if (handle.y !== null) handles.set(`${handle.y}y`, y)
      } else handles.set(String(at), [x, y])
    })
  }

  /** Under a key of its own: who moves one point meanwhile moves it along with the rest. */
  moveAll(id: string, by: Point): void {
    this.#reshape(id, (marked) => {
      const [x, y] = offsetIn(marked)
      const value = [x + by.x, y + by.y]
      if (value.every(isNear)) marked.set('offset', value)
    })
  }

  describe(id: string, said: { readonly label?: string; readonly code?: Coded | null }): void {
    if (this.#isShut(id)) return
    this.#change(id, (mark) => {
      if (said.label !== undefined) labelIn(mark)?.set('value', said.label)
      if (said.code === null) mark.delete('coded')
      else if (said.code !== undefined) mark.set('coded', codeOf(said.code))
    })
  }

  resolve(id: string, isResolved: boolean): void {
    this.#change(id, (mark) => mark.set('resolved', isResolved))
  }

  lock(id: string, isLocked: boolean): void {
    if (!this.#isOurs(id)) return
    this.#change(id, (mark) => mark.set('locked', isLocked))
  }

  remove(id: string): void {
    if (this.#isShut(id)) return
    this.#change(id, (mark) => mark.set('removed', true))
  }

  restore(id: string): void {
    this.#change(id, (mark) => mark.delete('removed'))
  }

  reply(id: string, text: string): void {
    const { me, now, makeId } = this.#around
    this.#change(id, (mark) => {
      const body = mark.get('body')
      if (body instanceof Y.Array) body.push([storedReply(makeId(), text, me, now())])
    })
  }

  undo(): void {
    if (this.mayMark) this.#undoing?.undo()
  }

  redo(): void {
    if (this.mayMark) this.#undoing?.redo()
  }

  /** Locked, and not by us. */
  #isShut(id: string): boolean {
    const known = this.#known.get(id)
    return known !== undefined && !isOpenTo(known.annotation, this.#around.me)
  }

  /** Its author decides; whoever leads the case does too, or what somebody locked who left would stay as it is. */
  #isOurs(id: string): boolean {
    const { me } = this.#around
    return me.role === 'lead' || this.#known.get(id)?.annotation.by.id === me.id
  }

  #reshape(id: string, change: (marked: Stored, annotation: Annotation) => void): void {
    const known = this.#known.get(id)
    if (known === undefined || this.#isShut(id)) return
    this.#change(id, (mark) => {
      const target = mark.get('target')
      const marked = target instanceof Y.Map ? shapeIn(target) : null
      if (marked !== null) change(marked, known.annotation)
    })
  }

  /** One step. Of what cannot be read nothing is changed. */
  #change(id: string, change: (mark: Stored) => void): void {
    const mark = this.#root?.get(id)
    if (!this.mayMark || !(mark instanceof Y.Map) || !this.#known.has(id)) return
    mark.doc?.transact(() => {
      change(mark)
      mark.set('modified', this.#around.now().toISOString())
    }, this.#origin)
  }

  #tellSteps(): void {
    this.canUndo = (this.#undoing?.undoStack.length ?? 0) > 0
    this.canRedo = (this.#undoing?.redoStack.length ?? 0) > 0
  }

  /** Read these again, and these alone; a list is made anew once, however many of its marks changed. */
  #learn(ids: Iterable<string>): void {
    const gone = new Map<string, Set<string>>()
    const come = new Map<string, Annotation[]>()
    for (const id of new Set(ids)) {
      const before = this.#known.get(id)
      if (before !== undefined) gone.set(before.annotation.media, (gone.get(before.annotation.media) ?? new Set()).add(id))
      const clients = new Set<number>()
      const judge: Judge = (client, clock, claimed) => {
        clients.add(client)
        return this.#around.judge(client, clock, claimed)
      }
      const annotation = (this.#around.read ?? read)(id, this.#root?.get(id), judge)
      if (annotation === null) {
        this.#known.delete(id)
        continue
      }
      this.#known.set(id, { annotation, clients })
      const list = come.get(annotation.media)
      if (list === undefined) come.set(annotation.media, [annotation])
      else list.push(annotation)
    }
    for (const media of new Set([...gone.keys(), ...come.keys()])) {
      const without = gone.get(media) ?? new Set()
      const rest = this.#lists.get(media)?.filter(({ id }) => !without.has(id)) ?? []
      this.#lists.set(media, merged(rest, (come.get(media) ?? []).sort(inOrder)))
    }
    if (come.size > 0 || gone.size > 0) this.#count += 1
  }
}

/** Which marks an event is about. */
function idsIn(event: Y.YEvent<Y.AbstractType<unknown>>, root: Stored): readonly string[] {
  if (event.target === root) return [...event.keys.keys()]
  let item = event.target._item
  while (item !== null && item.parent !== root) item = item.parent instanceof Y.AbstractType ? item.parent._item : null
  return item?.parentSub == null ? [] : [item.parentSub]
}

/** As they were made; of two in the same moment everywhere the same one first. */
function inOrder(some: Annotation, other: Annotation): number {
  return some.at.getTime() - other.at.getTime() || (some.id < other.id ? -1 : 1)
}

/** Of two lists in order. */
function merged(some: readonly Annotation[], others: readonly Annotation[]): readonly Annotation[] {
  const all: Annotation[] = []
  let at = 0
  for (const other of others) {
    for (let next = some[at]; next !== undefined && inOrder(next, other) < 0; next = some[++at]) all.push(next)
    all.push(other)
  }
  return [...all, ...some.slice(at)]
}
