/** The pictures of one file with several of them, each drawn when somebody wants to see it. */
import { Looking } from '../viewer/looking.svelte'
import { NotYet, type OpenedSeries, openSeries, readStep } from '../viewer/opening'
import { paint } from '../viewer/painting'
import { wait } from './waiting'

const LOOK_AGAIN_MS = 1_500

export class SingleFrames {
  /** How many there are; 0 until that is known, and where they cannot be had. */
  count = $state(0)
  /** Of those that were drawn. */
  urls = $state.raw<ReadonlyMap<number, string>>(new Map())
  #opened: OpenedSeries | null = null
  readonly #stop = new AbortController()

  async open(id: string, media: string): Promise<void> {
    const opened = await this.#find(id, media).catch(() => null)
    if (opened === null || this.#stop.signal.aborted || opened.series.files.length !== 1) return
    this.#opened = opened
    this.count = opened.steps.length
    await this.show(0)
  }

  /** Where the pictures are is written down some seconds after the file came. */
  async #find(id: string, media: string): Promise<OpenedSeries> {
    for (;;) {
      try {
        return await openSeries(id, media, this.#stop.signal)
      } catch (error) {
        if (!(error instanceof NotYet)) throw error
        await wait(LOOK_AGAIN_MS, this.#stop.signal)
      }
    }
  }

  /** Draws one of them, windowed as the file says. What cannot be had is asked for again when it is wanted again. */
  async show(at: number): Promise<void> {
    const [opened, step] = [this.#opened, this.#opened?.steps[at]]
    if (opened === null || step === undefined || this.urls.has(at)) return
    const frame = await readStep(step, opened.addresses, this.#stop.signal).catch(() => null)
    if (frame === null || this.#stop.signal.aborted) return
    const looking = new Looking('', [step])
    const canvas = new OffscreenCanvas(frame.width, frame.height)
    const image = new ImageData(frame.width, frame.height)
    paint(frame, looking.values, looking.showing(frame), new Uint32Array(image.data.buffer))
    canvas.getContext('2d')?.putImageData(image, 0, 0)
    const url = await addressOf(await canvas.convertToBlob())
    if (!this.#stop.signal.aborted) this.urls = new Map(this.urls).set(at, url)
  }

  close(): void {
    this.#stop.abort()
  }
}

/** The page may show what comes from the server, from the store, and what an address holds itself. */
function addressOf(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result))
    reader.onerror = () => reject(reader.error ?? new Error('not read'))
    reader.readAsDataURL(blob)
  })
}
