import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { watchPerson } from '../src/account/watch'
import { MemorySocket } from './memorySocket'

let changes = 0
let stop = (): void => undefined

beforeEach(() => {
  vi.useFakeTimers()
  MemorySocket.opened.length = 0
  changes = 0
  stop = watchPerson('ws://here/notices', () => (changes += 1), MemorySocket)
})

afterEach(() => {
  stop()
  vi.useRealTimers()
})

const admit = (): boolean => MemorySocket.latest().dispatchEvent(new MessageEvent('message', { data: new ArrayBuffer(0) }))

function close(code: number): void {
  const event = new Event('close')
  Object.assign(event, { code })
  MemorySocket.latest().dispatchEvent(event)
}

describe('[ACC-22] a page that watches', () => {
  it('asks again when the server says so, and goes on watching at once', () => {
    admit()
    close(4205)
    expect([changes, MemorySocket.opened.length]).toEqual([1, 2])
    admit()
    expect(changes).toBe(1)
  })

  it('asks after the server was away: nobody told it what happened meanwhile', () => {
    admit()
    close(1006)
    expect([changes, MemorySocket.opened.length]).toEqual([0, 1])
    vi.advanceTimersByTime(1000)
    close(1006)
    vi.advanceTimersByTime(1000)
    expect(MemorySocket.opened).toHaveLength(2)
    vi.advanceTimersByTime(1000)
    admit()
    expect([changes, MemorySocket.opened.length]).toEqual([1, 3])
  })

  it('asks once when it is signed out, and notices a fresh sign-in', () => {
    close(4401)
    expect(changes).toBe(1)
    vi.advanceTimersByTime(15_000)
    close(4401)
    expect([changes, MemorySocket.opened.length]).toEqual([1, 2])
    vi.advanceTimersByTime(15_000)
    admit()
    expect(changes).toBe(2)
  })

  it('does not spin with a server that says "changed" before it lets in', () => {
    close(4205)
    expect(MemorySocket.opened).toHaveLength(1)
    vi.advanceTimersByTime(1000)
    expect(MemorySocket.opened).toHaveLength(2)
  })

  it('is silent when it is stopped', () => {
    admit()
    stop()
    close(4205)
    vi.advanceTimersByTime(60_000)
    expect([changes, MemorySocket.opened.length]).toEqual([0, 1])
  })
})
