/** How one person looks at a film: where in it, how fast, which part of it again and again, how it is placed. */
import type { Carried } from './carried'
import { clock } from './figures'
import { beginOf, type Loop, loopedTo, loopFrom, loopTo, SPEEDS, stepped, stepSeconds, untilTurn, within } from './filmTime'
import type { Point } from './geometry'
import { type Picture, type View, whole } from './view'

/** A follower who is farther away than this jumps; who is nearer is not disturbed. */
const DRIFT_SECONDS = 0.35
/** Nearer than this it is the same moment: it is not sought again. */
const SAME_SECONDS = 0.0001

export class Film {
  readonly media: string
  readonly picture: Picture
  view = $state.raw<View>(whole({ width: 1, height: 1, aspect: 1 }))
  /** Frames a second; null: nobody knows. */
  rate = $state<number | null>(null)
  hasSound = $state(true)
  duration = $state(0)
  /** When the frame that is shown began. */
  shownAt = $state(0)
  isPlaying = $state(false)
  isMuted = $state(false)
  speed = $state(1)
  loop = $state.raw<Loop | null>(null)
  /** Where the hand points, in the picture. */
  pointer = $state.raw<Point | null>(null)
  #video: HTMLVideoElement | null = null
  /** Until the film is there: where it is to begin. */
  #wanted: number | null = null

  /** `as`: exactly so; else from its beginning. */
  constructor(media: string, picture: Picture, as: Carried | null) {
    this.media = media
    this.picture = picture
    this.view = whole(picture)
    if (as !== null) this.take(as)
  }

  /** `video` shows it, until what this gives back is called. */
  attach(video: HTMLVideoElement): () => void {
    this.#video = video
    let call = 0
    let turning: ReturnType<typeof setTimeout> | undefined
    /** By the clock: a busy page is told of a frame when others are on the screen already. */
    const plan = (): void => {
      clearTimeout(turning)
      const { loop, rate } = this
      if (!this.isPlaying || loop === null) return
      const rest = untilTurn(video.currentTime, loop, rate)
      if (rest === 0 || loopedTo(video.currentTime, loop) !== null) this.seek(loop.from)
      else turning = setTimeout(plan, (rest / this.speed) * 1000)
    }
    const tick = (at: number): void => {
      this.shownAt = at
      plan()
    }
    const next = (): void => {
      call = video.requestVideoFrameCallback((_, { mediaTime }) => {
        tick(mediaTime)
        next()
      })
    }
    const hasFrames = 'requestVideoFrameCallback' in HTMLVideoElement.prototype
    const told = (): void => (hasFrames ? undefined : tick(video.currentTime))
    if (hasFrames) next()
    video.addEventListener('timeupdate', told)
    video.addEventListener('seeked', told)
    return () => {
      clearTimeout(turning)
      if (hasFrames) video.cancelVideoFrameCallback(call)
      video.removeEventListener('timeupdate', told)
      video.removeEventListener('seeked', told)
      this.#video = null
    }
  }

  /** Its length is known, and it can be sought in: at first, and when a new address took the place of one that was too old. */
  loaded(): void {
    const video = this.#video
    if (video === null) return
    this.duration = Number.isFinite(video.duration) ? video.duration : 0
    video.playbackRate = this.speed
    const at = this.#wanted ?? this.seconds
    this.#wanted = null
    if (at > 0) this.seek(at)
    if (this.isPlaying) this.#run()
  }

  /** Surely within the frame that is shown. */
  get seconds(): number {
    return this.#wanted ?? Math.min(within(this.shownAt, this.rate), this.duration || Infinity)
  }

  seek(to: number): void {
    const video = this.#video
    if (video === null || video.readyState === 0) return void (this.#wanted = Math.max(0, to))
    video.currentTime = this.#within(to)
  }

  /** Not to the very end: it lies behind the last frame, and from there a step back would show that one again. */
  #within(seconds: number): number {
    const last = Math.max(0, this.duration - stepSeconds(this.rate) / 2)
    return Math.min(Math.max(seconds, 0), this.duration === 0 ? Infinity : last)
  }

  /** So many frames on or back; it stands still then. */
  step(by: number): void {
    this.pause()
    const to = stepped(beginOf(this.shownAt, this.#video?.currentTime ?? this.shownAt, this.rate), by, this.rate, this.duration)
    if (to !== null) this.seek(to)
  }

  play(): void {
    if (this.isPlaying) return
    this.isPlaying = true
    const back = loopedTo(this.shownAt, this.loop)
    if (back !== null) this.seek(back)
    this.#run()
  }

  pause(): void {
    this.isPlaying = false
    this.#video?.pause()
  }

  toggle(): void {
    if (this.isPlaying) this.pause()
    else this.play()
  }

  /** It ran out: from the beginning of the loop, or it stands at the end. */
  ended(): void {
    if (this.loop === null) return void (this.isPlaying = false)
    this.seek(this.loop.from)
    this.#run()
  }

  setSpeed(speed: number): void {
    this.speed = speed
    if (this.#video !== null) this.#video.playbackRate = speed
  }

  /** The next slower or faster one. */
  shiftSpeed(by: 1 | -1): void {
    const sorted = [...SPEEDS].sort((one, other) => one - other)
    const next = sorted[sorted.indexOf(this.speed) + by]
    if (next !== undefined) this.setSpeed(next)
  }

  beginLoop(): void {
    this.loop = loopFrom(this.loop, this.shownAt, this.duration)
  }

  /** With the frame that is shown. */
  endLoop(): void {
    this.loop = loopTo(this.loop, Math.min(this.shownAt + stepSeconds(this.rate), this.duration))
  }

  carried(): Carried {
    return {
      media: this.media,
      frame: 0,
      view: this.view,
      window: null,
      isInverted: false,
      seconds: this.seconds,
      isPlaying: this.isPlaying,
      pointer: this.pointer,
      ...(this.speed === 1 ? {} : { speed: this.speed }),
    }
  }

  take({ media, view, seconds, isPlaying, speed }: Carried): void {
    if (media !== this.media) return
    this.view = view
    this.setSpeed(speed ?? 1)
    if (seconds !== null) this.keepUp(seconds, isPlaying)
    else if (isPlaying) this.play()
    else this.pause()
  }

  /** Where another film is that this one goes along with. Beyond its own ends it stands still. */
  keepUp(seconds: number, isPlaying: boolean): void {
    const isWithin = seconds >= 0 && (this.duration === 0 || seconds < this.duration)
    if (!isPlaying || !isWithin) this.pause()
    const apart = Math.abs(this.#within(seconds) - (this.#video?.currentTime ?? Infinity))
    if (apart > (this.isPlaying ? DRIFT_SECONDS : SAME_SECONDS)) this.seek(seconds)
    if (isPlaying && isWithin) this.play()
  }

  /** The frame that is shown, as a file. Null: the browser does not give it away, or there is none yet. */
  async snapshot(): Promise<File | null> {
    const video = this.#video
    if (video === null || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return null
    const canvas = document.createElement('canvas')
    canvas.width = video.videoWidth
    canvas.height = video.videoHeight
    canvas.getContext('2d')?.drawImage(video, 0, 0)
    const at = clock(this.shownAt).replace(/[:.,]/g, '-')
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'))
    return blob === null ? null : new File([blob], `${at}.png`, { type: 'image/png' })
  }

  /** Browsers let films with sound begin only after a press of the page's reader: without it, then. */
  #run(): void {
    const video = this.#video
    if (video === null || video.readyState === 0) return
    video.play().catch((error: unknown) => {
      if (!(error instanceof DOMException) || error.name !== 'NotAllowedError') return
      if (this.isMuted) return void (this.isPlaying = false)
      this.isMuted = true
      video.muted = true
      this.#run()
    })
  }
}
