import { expect, test } from 'vitest'
import { addressOf, filtersIn, queryOf, readWish, type Wish, withoutFilters } from '../src/cases/wish'

const WISH: Wish = { tab: 'act', states: ['draft', 'open'], role: 'lead', lead: 'abcdefghijklmnop', since: 'week', order: 'title' }

test('[LST-12] what is chosen is read again from the address that it makes', () => {
  for (const usual of ['mine', 'all'] as const) {
    for (const tab of ['mine', 'act', 'all'] as const) {
      for (const wish of [{ ...WISH, tab }, withoutFilters({ ...WISH, tab })]) {
        const address = new URL(addressOf(wish, usual), 'http://here')
        expect(address.pathname).toBe('/')
        expect(readWish(address.search, usual)).toEqual(wish)
      }
    }
  }
})

test('[LST-12] an address that says nothing is the usual list in the usual order, and the shortest', () => {
  const usual = readWish('', 'mine')
  expect(usual).toEqual({ tab: 'mine', states: [], role: null, lead: null, since: null, order: 'changed' })
  expect(addressOf(usual, 'mine')).toBe('/')
  expect(readWish('?tab=act', 'mine').order).toBe('due')
  expect(addressOf(readWish('?tab=act&order=due', 'mine'), 'mine')).toBe('/?tab=act')
})

test('[LST-12] what nobody could have chosen was not said', () => {
  expect(readWish('?tab=theirs&state=purged.open.%00&role=moderator&lead=Ada&since=ever&order=__proto__', 'mine')).toEqual({
    tab: 'mine',
    states: ['open'],
    role: null,
    lead: null,
    since: null,
    order: 'changed',
  })
})

test('the server is asked in its own words, from a moment on', () => {
  const now = 1_000_000_000_000
  const asked = new URLSearchParams(queryOf(WISH, now, 50, 'x.y'))
  expect(Object.fromEntries(asked)).toEqual({
    tab: 'act',
    state: 'draft,open',
    role: 'lead',
    lead: 'abcdefghijklmnop',
    since: String(now - 7 * 86_400_000),
    order: 'title',
    limit: '50',
    after: 'x.y',
  })
  expect(filtersIn(WISH)).toBe(4)
  expect(filtersIn(withoutFilters(WISH))).toBe(0)
})
