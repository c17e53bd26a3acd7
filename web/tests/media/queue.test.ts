import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { PART_BYTES } from '../../src/media/digest'
import { Locks, Page } from './page'
import { Store } from './store'

let store: Store

beforeEach(async () => {
  store = new Store()
  await store.listen()
})

afterEach(async () => {
  vi.unstubAllGlobals()
  await store.close()
})

/** Bytes that no other file has. */
function file(size: number, name = 'IMG_0001.jpg'): File {
  return new File([randomBytes(size)], name)
}

const LARGE = 2 * PART_BYTES + 1000

function puts(): readonly string[] {
  return store.log.filter((line) => line.startsWith('PUT '))
}

test('[GAL-2] a file goes in parts, each once, and is then told to be whole', async () => {
  const page = new Page(store)
  page.queue.add('c', [file(LARGE)])
  await page.allAre('arrived')
  expect(store.log.filter((line) => !line.startsWith('PUT '))).toEqual(['POST begin', 'POST parts', 'POST complete'])
  expect([...puts()].sort()).toEqual(['PUT u1/1', 'PUT u1/2', 'PUT u1/3'])
  expect([...store.uploads.values()].map(({ state }) => state)).toEqual(['quarantined'])
  expect(page.arrivals).toEqual(['c'])
})

test('[GAL-2] two hundred slices are announced in a few requests, and sent in three lanes in their order', async () => {
  let open = (): void => undefined
  store.gate = new Promise((resolve) => (open = resolve))
  const page = new Page(store)
  page.queue.add('c', Array.from({ length: 200 }, (_, at) => file(500 + at, `IM${at}`)))
  await vi.waitFor(() => expect(store.atOnce).toBe(3), 10_000)
  await page.until(() => page.queue.items.every(({ upload }) => upload !== null))
  open()
  await page.allAre('arrived')
  expect(store.uploads.size).toBe(200)
  expect(store.mostAtOnce).toBe(3)
  expect(store.log.filter((line) => line === 'POST begin').length).toBeLessThan(100)
  const order = puts().map((line) => Number(/u(\d+)/.exec(line)?.[1]))
  order.forEach((upload, at) => expect(Math.abs(upload - at - 1)).toBeLessThan(40))
})

test('[GAL-3] a link that breaks is tried again, a little later each time, and no part is lost or doubled', async () => {
  store.faults.puts = ['cut', 'cut', { status: 503, code: 'SlowDown' }, { status: 500, code: 'InternalError' }]
  const page = new Page(store)
  page.queue.add('c', [file(LARGE)])
  await page.allAre('arrived')
  expect(puts()).toHaveLength(3 + 4)
  expect(page.waited.length).toBe(4)
  expect(Math.min(...page.waited)).toBeGreaterThan(200)
})

test('[GAL-3] without a network it waits, and goes on by itself when there is one', async () => {
  const page = new Page(store)
  page.network(false)
  page.queue.add('c', [file(1000)])
  await page.until(() => page.queue.items[0]?.hold === 'offline')
  expect(store.log).toEqual([])
  page.network(true)
  await page.allAre('arrived')
})

test('[GAL-3] what is paused stops at once, and goes on with the parts that are missing', async () => {
  let open = (): void => undefined
  const page = new Page(store)
  page.queue.add('c', [file(5 * PART_BYTES)])
  await page.until(() => (page.queue.items[0]?.partsDone.size ?? 0) >= 1)
  store.gate = new Promise((resolve) => (open = resolve))
  const [item] = page.queue.items
  if (item === undefined) throw new Error('nothing is on its way')
  page.queue.pause(item)
  expect(item.stage.at).toBe('paused')
  const before = store.uploads.get('u1')?.parts.size ?? 0
  open()
  page.queue.resume(item)
  await page.allAre('arrived')
  expect(before).toBeGreaterThan(0)
  expect(store.uploads.size).toBe(1)
  expect(store.uploads.get('u1')?.state).toBe('quarantined')
})

test('[GAL-4] the same file chosen in another page goes on with the parts that the store has', async () => {
  const bytes = randomBytes(3 * PART_BYTES)
  const before = new Page(store)
  before.queue.add('c', [new File([bytes], 'clip.mp4')])
  await before.until(() => (store.uploads.get('u1')?.parts.size ?? 0) >= 1)
  before.queue.end() // the page was closed
  const there = new Set(store.uploads.get('u1')?.parts.keys())
  store.log.length = 0

  const after = new Page(store)
  after.queue.add('c', [new File([bytes], 'clip.mp4')], new Set([store.uploads.get('u1')?.digest ?? '']))
  await after.allAre('arrived')
  expect(there.size).toBeGreaterThan(0)
  for (const part of there) expect(puts()).not.toContain(`PUT u1/${part}`)
  expect(store.uploads.size).toBe(1)
})

test('[GAL-4] a file that is not the one that was asked for is not sent, until one says so', async () => {
  const page = new Page(store)
  page.queue.add('c', [file(1000)], new Set(['another']))
  await page.allAre('stopped')
  const [item] = page.queue.items
  expect(item?.stage).toEqual({ at: 'stopped', why: { kind: 'another-file' } })
  expect(store.log).toEqual([])
  if (item !== undefined) page.queue.resume(item)
  await page.allAre('arrived')
})

test('[GAL-3] an address that is too old is asked for again', async () => {
  const page = new Page(store)
  store.faults.puts = [{ status: 403, code: 'AccessDenied' }]
  page.queue.add('c', [file(1000)])
  await page.allAre('arrived')
  expect(store.log.filter((line) => line === 'POST parts')).toHaveLength(2)
})

test('[GAL-3] a store that goes on to refuse is not asked for ever', async () => {
  const page = new Page(store)
  store.faults.puts = Array.from({ length: 20 }, () => ({ status: 403, code: 'AccessDenied' }))
  page.queue.add('c', [file(1000)])
  await page.allAre('stopped')
  expect(page.queue.items[0]?.stage).toMatchObject({ why: { kind: 'store-refused' } })
})

test('[GAL-4] an upload that the store forgot begins again by itself', async () => {
  const page = new Page(store)
  store.faults.puts = [{ status: 404, code: 'NoSuchUpload' }]
  page.queue.add('c', [file(1000)])
  await page.allAre('arrived')
  expect(store.log.filter((line) => line === 'POST begin')).toHaveLength(2)
})

test.each([
  [{ status: 400, code: 'XAmzContentSHA256Mismatch' }, { kind: 'changed' }],
  [{ status: 413, code: 'EntityTooLarge' }, { kind: 'too-large', limitBytes: null }],
])('[GAL-5] what the store refuses for good stops the file with its reason: %j', async (fault, why) => {
  const page = new Page(store)
  store.faults.puts = [fault]
  page.queue.add('c', [file(1000)])
  await page.allAre('stopped')
  expect(page.queue.items[0]?.stage).toEqual({ at: 'stopped', why })
})

test('[GAL-5] a file that the server does not take says why and how much it would take', async () => {
  const page = new Page(store)
  store.faults.refuse = { reason: 'too-large', limit_bytes: 50_000_000 }
  page.queue.add('c', [file(1000)])
  await page.allAre('stopped')
  expect(page.queue.items[0]?.stage).toEqual({ at: 'stopped', why: { kind: 'too-large', limitBytes: 50_000_000 } })
})

test('[GAL-5] a file that is there already is not sent', async () => {
  const page = new Page(store)
  store.faults.duplicate = 'm1'
  page.queue.add('c', [file(1000)])
  await page.allAre('duplicate')
  expect(page.queue.items[0]?.stage).toEqual({ at: 'duplicate', media: 'm1' })
  expect(puts()).toEqual([])
})

test('[GAL-3] a server that has too much to do is given the time that it asks for', async () => {
  const page = new Page(store)
  store.faults.api = [
    { status: 429, body: { title: 'Wait.', reason: 'too-many' }, headers: { 'retry-after': '7' } },
    { status: 503, body: { title: 'Later.', reason: 'objects-unavailable' } },
  ]
  page.queue.add('c', [file(1000)])
  await page.allAre('arrived')
  expect(page.waited[0]).toBe(7000)
})

test('[GAL-3] a sign-in that is over is waited for', async () => {
  const page = new Page(store)
  store.faults.api = [{ status: 401, body: { title: 'Please sign in.' } }]
  page.queue.add('c', [file(1000)])
  await page.until(() => page.queue.items[0]?.hold === 'signed-out')
  page.queue.signedIn()
  await page.allAre('arrived')
})

test('[GAL-5] whoever may not write here any more is told so', async () => {
  const page = new Page(store)
  store.faults.api = [{ status: 404, body: { title: 'Nothing.' } }]
  page.queue.add('c', [file(1000)])
  await page.allAre('stopped')
  expect(page.queue.items[0]?.stage).toEqual({ at: 'stopped', why: { kind: 'no-access' } })
})

test('[GAL-3] what is cancelled is taken from the store, also while it is announced', async () => {
  const page = new Page(store)
  page.queue.add('c', [file(3 * PART_BYTES)])
  await page.until(() => (page.queue.items[0]?.partsDone.size ?? 0) >= 1)
  const [item] = page.queue.items
  if (item !== undefined) page.queue.cancel(item)
  await page.until(() => page.queue.items.length === 0)
  await vi.waitFor(() => expect(store.uploads.size).toBe(0), 10_000)
})

test('[GAL-4] two tabs do not send one file: the second waits, and finds it there', async () => {
  let open = (): void => undefined
  store.gate = new Promise((resolve) => (open = resolve))
  const bytes = randomBytes(1000)
  const locks = new Locks()
  const [first, second] = [new Page(store, locks), new Page(store, locks)]
  first.queue.add('c', [new File([bytes], 'a.jpg')])
  await vi.waitFor(() => expect(store.atOnce).toBe(1), 10_000)
  second.queue.add('c', [new File([bytes], 'a.jpg')])
  await second.allAre('elsewhere')
  open()
  await Promise.all([first.allAre('arrived'), second.allAre('arrived')])
  expect(puts()).toEqual(['PUT u1/1'])
})

test('[GAL-4] what the server shows is no longer shown by the page itself', async () => {
  const page = new Page(store)
  page.queue.add('c', [file(1000)])
  await page.allAre('arrived')
  page.queue.seen(new Set(['u1']))
  expect(page.queue.items).toEqual([])
})
