/** A few parts at a time, whoever's they are; the file that was chosen first goes first, so that something arrives soon. */

interface Waiting {
  readonly order: number
  readonly go: () => void
}

export class Lanes {
  #free: number
  #waiting: Waiting[] = []

  constructor(count: number) {
    this.#free = count
  }

  /** Resolves with what gives the lane back; throws when it was given up before its turn. */
  async enter(order: number, stop: AbortSignal): Promise<() => void> {
    stop.throwIfAborted()
    if (this.#free > 0) {
      this.#free -= 1
      return this.#ticket()
    }
    await new Promise<void>((resolve, reject) => {
      const waiting: Waiting = {
        order,
        go: () => {
          stop.removeEventListener('abort', leave)
          resolve()
        },
      }
      const leave = (): void => {
        this.#waiting = this.#waiting.filter((each) => each !== waiting)
        reject(stop.reason as Error)
      }
      stop.addEventListener('abort', leave, { once: true })
      this.#waiting.push(waiting)
    })
    return this.#ticket()
  }

  #ticket(): () => void {
    let used = false
    return () => {
      if (used) return
      used = true
      const [next] = this.#waiting.toSorted((a, b) => a.order - b.order)
      if (next === undefined) this.#free += 1
      else {
        this.#waiting = this.#waiting.filter((each) => each !== next)
        next.go()
      }
    }
  }
}
