/** The images and files of one open case, as the server last told them: what is there, what was removed, what is on its way. */
import type { Answer, Problem } from '../api'
import {
  describe,
  dropUpload,
  listMedia,
  listUploads,
  type Media,
  type MediaList,
  orderMedia,
  removeMedia,
  restoreMedia,
  retryUpload,
  type Source,
  type Upload,
  type Uploads,
} from './api'
import { keptOrigins } from './keptOrigins.svelte'
import { moved } from './order'
import { uploading } from './uploading.svelte'

/** Two hundred slices that become ready one after the other are not two hundred questions. */
const APART_MS = 1_000
/** A long list is asked for less often: of a thousand files each answer is a third of a megabyte. */
const APART_FOR_EACH_MS = 5
/** While the server works on something of ours, how far it is comes without a notice. */
const WORKING_MS = 3_000
/** An address that still lives so long is kept: a new one would load the same picture again. */
const FRESH_MS = 60_000

export class Gallery {
  media = $state.raw<readonly Media[]>([])
  removed = $state.raw<readonly Media[]>([])
  uploads = $state.raw<readonly Upload[]>([])
  waitingOfOthers = $state(0)
  /** Whether the server ever said what there is. */
  isKnown = $state(false)
  problem = $state.raw<Problem | null>(null)
  readonly #case: string
  #asked = 0
  #askedAt = -Infinity
  #timer: ReturnType<typeof setTimeout> | null = null
  #lookingOn: ReturnType<typeof setTimeout> | null = null
  #isForced = false
  /** Questions without an answer yet, and whether something changed after they were asked. */
  #underWay = 0
  #isStale = false
  #closed = false
  #unlisten: () => void

  constructor(id: string) {
    this.#case = id
    this.#unlisten = uploading.listen(id, () => this.refresh())
  }

  close(): void {
    this.#closed = true
    this.#unlisten()
    if (this.#timer !== null) clearTimeout(this.#timer)
    if (this.#lookingOn !== null) clearTimeout(this.#lookingOn)
  }

  find(id: string): Media | null {
    return this.media.find((each) => each.id === id) ?? null
  }

  /** Soon; asked often in a moment, it asks once. `force`: addresses that seem to live do not. */
  refresh(force = false): void {
    this.#isForced ||= force
    if (this.#closed || this.#timer !== null) return
    if (this.#underWay > 0) return void (this.#isStale = true) // asked over and over, a slow answer would never count
    const apart = Math.max(APART_MS, this.uploads.length * APART_FOR_EACH_MS)
    this.#timer = setTimeout(() => void this.now(), Math.max(0, this.#askedAt + apart - performance.now()))
  }

  /** The newest answer counts; without one, what was known stands. */
  async now(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#askedAt = performance.now()
    const turn = ++this.#asked
    const force = this.#isForced
    this.#isForced = false
    this.#underWay += 1
    const [media, uploads] = await Promise.all([listMedia(this.#case), listUploads(this.#case)])
    this.#underWay -= 1
    if (this.#isStale && this.#underWay === 0) {
      this.#isStale = false
      this.refresh()
    }
    if (turn !== this.#asked || this.#closed) return
    if (media.ok) this.#take(media.value, force)
    this.#takeUploads(uploads)
    this.isKnown ||= media.ok
    this.problem = media.ok ? (uploads.ok ? null : uploads.problem) : media.problem
  }

  /** How far the server is comes without a notice, and changes nothing but that. */
  #lookOn(): void {
    if (this.#lookingOn !== null) clearTimeout(this.#lookingOn)
    const isWorking = this.uploads.some(({ isMine, state }) => isMine && (state === 'quarantined' || state === 'cleaning'))
    if (this.#closed || !isWorking) return
    this.#lookingOn = setTimeout(() => void this.#askUploads(), WORKING_MS + this.uploads.length * APART_FOR_EACH_MS)
  }

  async #askUploads(): Promise<void> {
    if (document.visibilityState !== 'visible') return this.#lookOn()
    const turn = this.#asked
    const uploads = await listUploads(this.#case)
    if (turn === this.#asked && !this.#closed) this.#takeUploads(uploads)
    else this.#lookOn()
  }

  #takeUploads(answer: Answer<Uploads>): void {
    if (answer.ok) {
      this.uploads = answer.value.uploads
      this.waitingOfOthers = answer.value.waitingOfOthers
      uploading.seen(new Set(this.uploads.map(({ id }) => id)))
      const unfinished = this.uploads.filter(({ isMine, state }) => isMine && (state === 'requested' || state === 'uploading'))
      keptOrigins.keepOnly(this.#case, new Set(unfinished.map(({ digest }) => digest)))
    }
    this.#lookOn()
  }

  async describe(media: Media, said: { readonly caption?: string; readonly alt?: string }): Promise<Problem | null> {
    return this.#told(await describe(this.#case, media.id, { ...said, version: media.version }), (now) => {
      this.media = this.media.map((each) => (each.id === now.id ? keepAddresses(now, each, false) : each))
    })
  }

  /** At once here; the others see it when the server knows. */
  async move(id: string, to: number): Promise<Problem | null> {
    const before = this.media
    this.media = moved(before, id, to)
    this.#asked += 1
    const problem = await this.#told(await orderMedia(this.#case, this.media.map((each) => each.id)), () => undefined)
    if (problem !== null) this.media = before
    return problem
  }

  async remove(media: Media): Promise<Problem | null> {
    return this.#told(await removeMedia(this.#case, media.id), () => {
      this.media = this.media.filter(({ id }) => id !== media.id)
      this.removed = [media, ...this.removed.filter(({ id }) => id !== media.id)]
    })
  }

  async restore(id: string): Promise<Problem | null> {
    return this.#told(await restoreMedia(this.#case, id), () => {
      this.removed = this.removed.filter((each) => each.id !== id)
    })
  }

  async retry(uploads: readonly Upload[]): Promise<Problem | null> {
    return this.#each(uploads, (id) => retryUpload(this.#case, id))
  }

  /** Cancels what is on its way, puts away what was rejected. */
  async drop(uploads: readonly Upload[]): Promise<Problem | null> {
    return this.#each(uploads, (id) => dropUpload(this.#case, id))
  }

  async #each(uploads: readonly Upload[], call: (id: string) => Promise<Answer<null>>): Promise<Problem | null> {
    let problem: Problem | null = null
    for (const { id } of uploads) {
      const answer = await call(id)
      if (!answer.ok && answer.problem.kind !== 'not-found') problem ??= answer.problem
    }
    await this.now()
    return problem
  }

  /** What the server is being asked meanwhile may be older than this. */
  async #told<T>(answer: Answer<T>, take: (value: T) => void): Promise<Problem | null> {
    this.#asked += 1
    if (answer.ok) take(answer.value)
    await this.now()
    return answer.ok ? null : answer.problem
  }

  #take({ media, removed }: MediaList, force: boolean): void {
    const known = new Map([...this.media, ...this.removed].map((each) => [each.id, each]))
    const keep = (each: Media): Media => {
      const before = known.get(each.id)
      return before === undefined ? each : keepAddresses(each, before, force)
    }
    this.media = media.map(keep)
    this.removed = removed.map(keep)
  }
}

function keepAddresses(now: Media, before: Media, force: boolean): Media {
  if (force) return now
  return { ...now, thumbnail: kept(now.thumbnail, before.thumbnail), preview: kept(now.preview, before.preview) }
}

/** The same object, at an address that differs in its signature alone. */
function kept(now: Source | null, before: Source | null): Source | null {
  if (now === null || before === null || before.expiresAt - Date.now() < FRESH_MS) return now
  return pathOf(now.url) === pathOf(before.url) ? before : now
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? url
}
