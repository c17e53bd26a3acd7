/** Lets the palette press the panel's pickers: a browser opens them only in the same turn as a press of the person. */

interface Pickers {
  readonly files: () => void
  readonly folder: () => void
}

class Picking {
  #pickers: Pickers | null = null

  /** For as long as the panel is there; call what it returns when it goes. */
  are(pickers: Pickers): () => void {
    this.#pickers = pickers
    return () => {
      if (this.#pickers === pickers) this.#pickers = null
    }
  }

  get now(): Pickers | null {
    return this.#pickers
  }
}

export const pickers = new Picking()
