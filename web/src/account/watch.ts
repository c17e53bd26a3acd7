/** Hears from the server when to ask again who is here: `/notices` in docs/http.md. [ACC-22] */
import { dutyOf } from '../sync/codes'

const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 30_000
/** A page that waits for a fresh sign-in looks this often whether there is one. */
const SIGNED_OUT_MS = 15_000

/** `changed` may be called once too often, never once too seldom. The answer stops the watching. */
export function watchPerson(url: string, changed: () => void, Socket: typeof WebSocket = WebSocket): () => void {
  let socket: WebSocket | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopped = false
  let admitted = false
  /** The server was away, or we were signed out: something may have happened that nobody told us. */
  let missed = false
  let isOut = false
  let pause = FIRST_PAUSE_MS

  function connect(): void {
    clearTimeout(timer)
    if (stopped) return
    admitted = false
    socket = new Socket(url)
    socket.binaryType = 'arraybuffer'
    socket.addEventListener('message', () => {
      admitted = true
      pause = FIRST_PAUSE_MS
      if (missed || isOut) changed()
      missed = isOut = false
    })
    socket.addEventListener('close', ({ code }) => {
      socket = null
      if (!stopped) ended(code)
    })
  }

  function ended(code: number): void {
    const duty = dutyOf(code)
    if (duty === 'sign-in') {
      if (!isOut) changed()
      isOut = true
      return later(SIGNED_OUT_MS)
    }
    if (duty === 'return-now' && admitted) {
      changed()
      return connect()
    }
    missed = true
    later(pause)
    pause = Math.min(2 * pause, LONGEST_PAUSE_MS)
  }

  function later(milliseconds: number): void {
    timer = setTimeout(connect, milliseconds)
  }

  connect()
  return () => {
    stopped = true
    clearTimeout(timer)
    socket?.close()
  }
}
