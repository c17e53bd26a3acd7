/** The head of the open record as reactive state, and one's own writing in it. */
import type * as Y from 'yjs'
import { type Field, type Head, mapOf, readHead } from './head'
import { HeadWriter } from './headWriter'

export class OpenHead {
  head: Head
  canUndo = $state(false)
  canRedo = $state(false)

  readonly #map: Y.Map<unknown>
  readonly #writer: HeadWriter
  readonly #read = (): void => void (this.head = readHead(this.#map))

  constructor(doc: Y.Doc, mayWrite: () => boolean) {
    this.#map = mapOf(doc)
    this.head = $state.raw(readHead(this.#map))
    // It hears of what arrives first: what it makes good is there before anything is shown, and no caret loses its place.
    this.#writer = new HeadWriter(doc, () => this.#look(), mayWrite)
    this.#map.observe(this.#read)
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
  }

  redo(): void {
    this.#writer.redo()
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
