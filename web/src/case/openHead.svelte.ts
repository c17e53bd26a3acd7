/** The head of the open record as reactive state, and one's own writing in it. */
import type * as Y from 'yjs'
import { type Field, type Head, HeadWriter, mapOf, readHead } from './head'

export class OpenHead {
  head: Head
  canUndo = $state(false)
  canRedo = $state(false)

  readonly #map: Y.Map<unknown>
  readonly #writer: HeadWriter
  readonly #read = (): void => void (this.head = readHead(this.#map))

  constructor(doc: Y.Doc) {
    this.#map = mapOf(doc)
    this.head = $state.raw(readHead(this.#map))
    this.#map.observe(this.#read)
    this.#writer = new HeadWriter(doc, () => this.#look())
  }

  write(field: Field, value: string): void {
    this.#writer.write(field, value)
  }

  /** What is written next is taken back on its own. */
  pause(): void {
    this.#writer.pause()
  }

  undo(): void {
    this.#writer.undo()
    this.#look()
  }

  redo(): void {
    this.#writer.redo()
    this.#look()
  }

  close(): void {
    this.#map.unobserve(this.#read)
    this.#writer.close()
  }

  #look(): void {
    this.canUndo = this.#writer.canUndo
    this.canRedo = this.#writer.canRedo
  }
}
