import { afterEach, expect, test, vi } from 'vitest'
import type { CaseLine } from '../src/cases/api'
import { Listing, PAGE, renewed, sameOrder } from '../src/cases/listing.svelte'
import { isWorthAsking } from '../src/cases/searching.svelte'
import { readWish } from '../src/cases/wish'

const MINE = readWish('', 'mine')
const ids = (lines: readonly CaseLine[] | null): string => (lines ?? []).map(({ id }) => id).join(' ')

function line(id: string, title = id): object {
  const nothing = { changed_by: null, line: null, question: null, age_band: null, sex: null, next: null }
  return { id, title, state: 'open', role: 'lead', created_at: 1, changed_at: 2, leads: [], is_mentioned: false, here: [], ...nothing }
}

/** A server whose list is this, by the rules of its paging. */
function serving(list: () => readonly object[]): string[] {
  const asked: string[] = []
  vi.stubGlobal('fetch', (url: string) => {
    asked.push(url)
    const said = new URL(url, 'http://here').searchParams
    const from = Number(said.get('after') ?? 0)
    const until = from + Number(said.get('limit'))
    const after = until < list().length ? String(until) : null
    const totals = from === 0 ? { mine: list().length, act: 0, all: list().length } : null
    return Promise.resolve(Response.json({ cases: list().slice(from, until), after, totals, leads: from === 0 ? [] : null }))
  })
  return asked
}

afterEach(() => vi.unstubAllGlobals())

test('[LST-13] a list that was read far is read again as far, in few questions', async () => {
  let list = Array.from({ length: 3 * PAGE }, (_, at) => line(`c${at}`))
  const asked = serving(() => list)
  const listing = new Listing()
  await listing.show(MINE, null, false)
  await listing.more()
  await listing.more()
  expect(listing.lines).toHaveLength(3 * PAGE)
  expect(listing.after).toBeNull()
  asked.length = 0
  list = list.map((each, at) => (at === 140 ? line('c140', 'another title') : each))
  await listing.refresh(false)
  expect(asked).toHaveLength(2)
  expect(listing.lines?.[140]?.title).toBe('another title')
  expect(listing.lines).toHaveLength(3 * PAGE)
})

test('[LST-13] under a hand nothing changes its place: the new order waits to be asked for', async () => {
  let list = [line('a'), line('b'), line('c')]
  serving(() => list)
  const listing = new Listing()
  await listing.show(MINE, null, false)
  list = [line('new'), line('c', 'renamed'), line('a')] // b may not be seen any more
  await listing.refresh(true)
  expect(ids(listing.lines)).toBe('a c')
  expect(listing.lines?.[1]?.title).toBe('renamed')
  listing.takeWaiting()
  expect(ids(listing.lines)).toBe('new c a')
  expect(listing.waiting).toBeNull()
  list = [line('a'), line('new')]
  await listing.refresh(false)
  expect(ids(listing.lines)).toBe('a new')
})

test('a case that comes a second time, as it changed between two pages, is shown once', async () => {
  let list = Array.from({ length: PAGE + 2 }, (_, at) => line(`c${at}`))
  serving(() => list)
  const listing = new Listing()
  await listing.show(MINE, null, false)
  list = [line('new'), ...list]
  await listing.more()
  const shown = listing.lines ?? []
  expect(new Set(shown.map(({ id }) => id)).size).toBe(shown.length)
})

test('the answer to an earlier question does not take the place of a later one', async () => {
  const answers: ((value: Response) => void)[] = []
  vi.stubGlobal('fetch', () => new Promise<Response>((resolve) => answers.push(resolve)))
  const page = (id: string): Response => Response.json({ cases: [line(id)], after: null, totals: null, leads: null })
  const listing = new Listing()
  const first = listing.show(MINE, null, false)
  const second = listing.show({ ...MINE, tab: 'act' }, null, false)
  answers[1]?.(page('late'))
  await second
  answers[0]?.(page('early'))
  await first
  expect(ids(listing.lines)).toBe('late')
})

test('what cannot be renewed stays, and says why', async () => {
  serving(() => [line('a')])
  const listing = new Listing()
  await listing.show(MINE, null, false)
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')))
  await listing.refresh(false)
  expect(listing.problem?.kind).toBe('unreachable')
  expect(ids(listing.lines)).toBe('a')
})

test('orders are compared by what is shown', async () => {
  serving(() => [line('a'), line('b')])
  const listing = new Listing()
  await listing.show(MINE, null, false)
  const [a, b] = listing.lines ?? []
  if (a === undefined || b === undefined) throw new Error('two lines')
  expect(sameOrder([a, b], [{ ...a, title: 'x' }, b])).toBe(true)
  expect(sameOrder([a, b], [b, a])).toBe(false)
  expect(sameOrder([a], [a, b])).toBe(false)
  expect(renewed([a, b], [{ ...b, title: 'x' }]).map(({ title }) => title)).toEqual(['x'])
})

test('[LST-14] one letter of an alphabet is not asked for, one sign of Chinese is', () => {
  expect(['', '  ', 'a', ' ñ '].map(isWorthAsking)).toEqual([false, false, false, false])
  expect(['ab', '病', 'ñu', '½½'].map(isWorthAsking)).toEqual([true, true, true, true])
})
