/** Marks of one page alone: what marking needs, without a document behind it. */
import type { Annotation, Author, Drawn, Marked } from '../../src/annotations/annotation'
import { handlesOf, withMoved } from '../../src/annotations/handles'
import type { Point } from '../../src/viewer/geometry'

export class MemoryMarked implements Marked {
  mayMark = $state(true)
  isKnown = $state(true)
  #all = $state.raw<readonly Annotation[]>([])
  #undone = $state.raw<readonly (readonly Annotation[])[]>([])
  #done = $state.raw<readonly (readonly Annotation[])[]>([])
  readonly #by: Author
  readonly steps: string[] = []

  constructor(by: Author) {
    this.#by = by
  }

  of(media: string): readonly Annotation[] {
    return this.#all.filter((each) => each.media === media)
  }

  find(id: string): Annotation | null {
    return this.#all.find((each) => each.id === id) ?? null
  }

  add(drawn: Drawn): string {
    const id = `mark-${this.#all.length + 1}`
    const now = new Date()
    this.#step(`add ${drawn.shape}`, [...this.#all, { ...drawn, id, by: this.#by, at: now, changed: now, replies: [], isResolved: false, isLocked: false, isRemoved: false }])
    return id
  }

  /** As somebody else did it: no step of ours. */
  bring(mark: Annotation): void {
    this.#all = [...this.#all.filter(({ id }) => id !== mark.id), mark]
  }

  moveHandle(id: string, at: number, to: Point): void {
    this.#change(id, (each) => ({ points: withMoved(each.points, handlesOf(each)[at] ?? { x: null, y: null }, to) }))
  }

  moveAll(id: string, by: Point): void {
    this.#change(id, (each) => ({ points: each.points.map(({ x, y }) => ({ x: x + by.x, y: y + by.y })) }))
  }

  describe(id: string, said: Parameters<Marked['describe']>[1]): void {
    this.#change(id, () => said)
  }

  resolve(id: string, isResolved: boolean): void {
    this.#change(id, () => ({ isResolved }))
  }

  lock(id: string, isLocked: boolean): void {
    this.#change(id, () => ({ isLocked }))
  }

  remove(id: string): void {
    this.#change(id, () => ({ isRemoved: true }))
  }

  restore(id: string): void {
    this.#change(id, () => ({ isRemoved: false }))
  }

  reply(id: string, text: string): void {
    this.#change(id, ({ replies }) => ({ replies: [...replies, { id: String(replies.length), by: this.#by, at: new Date(), text }] }))
  }

  get canUndo(): boolean {
    return this.#done.length > 0
  }

  get canRedo(): boolean {
    return this.#undone.length > 0
  }

  undo(): void {
    const before = this.#done.at(-1)
    if (before === undefined) return
    this.#done = this.#done.slice(0, -1)
    this.#undone = [...this.#undone, this.#all]
    this.#all = before
  }

  redo(): void {
    const after = this.#undone.at(-1)
    if (after === undefined) return
    this.#undone = this.#undone.slice(0, -1)
    this.#done = [...this.#done, this.#all]
    this.#all = after
  }

  #change(id: string, changed: (before: Annotation) => Partial<Annotation>): void {
    this.#step(`change ${id}`, this.#all.map((each) => (each.id === id ? { ...each, ...changed(each), changed: new Date() } : each)))
  }

  #step(name: string, all: readonly Annotation[]): void {
    this.steps.push(name)
    this.#done = [...this.#done, this.#all]
    this.#undone = []
    this.#all = all
  }
}
