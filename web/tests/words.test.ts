import { describe, expect, test } from 'vitest'
import { movements, statusNews } from '../src/case/announce'
import { statusWords } from '../src/case/statusWords'
import { routeOf } from '../src/route'
import type { Presence } from '../src/sync/people'

const offline = { kind: 'offline', because: 'no-link', where: 'tab' } as const

describe('the announcer', () => {
  const ada: Presence = { id: 'a', name: 'Ada', role: 'lead', color: '#000000' }
  const ben: Presence = { id: 'b', name: 'Ben', role: 'observer', color: '#000000' }

  test('tells who came and went, but not of oneself', () => {
    expect(movements([ada], [ada, ben], 'a')).toBe('Ben joined.')
    expect(movements([ada, ben], [ben], 'b')).toBe('Ada left.')
    expect(movements([], [ada], 'a')).toBe('')
  })

  test('tells when saving stalls and when it works again, and is silent while one types', () => {
    expect(statusNews({ kind: 'saved' }, { kind: 'saving', changes: 1 }, 'w')).toBe('')
    expect(statusNews({ kind: 'saving', changes: 1 }, { kind: 'saved' }, 'w')).toBe('')
    expect(statusNews({ kind: 'saving', changes: 1 }, { kind: 'waiting', changes: 1 }, 'w')).toBe('w')
    expect(statusNews({ ...offline, changes: 1 }, { kind: 'saved' }, 'w')).toBe('w')
    expect(statusNews({ ...offline, changes: 1 }, { ...offline, changes: 2 }, 'w')).toBe('')
  })
})

test('the status counts in words', () => {
  expect(statusWords({ kind: 'waiting', changes: 1 }).text).toBe('Not saved yet: 1 change waiting')
  expect(statusWords({ ...offline, changes: 3 }).text).toBe('Offline: 3 changes kept in this tab')
  expect(statusWords({ kind: 'ended', why: 'no-access', changes: 0 }).text).toBe('You no longer have access')
})

test('addresses', () => {
  expect(routeOf('/')).toEqual({ page: 'cases' })
  expect(routeOf('/enter')).toEqual({ page: 'enter' })
  expect(routeOf('/cases/abcdefghijklmnop')).toEqual({ page: 'case', id: 'abcdefghijklmnop' })
  expect(routeOf('/cases/ABC')).toEqual({ page: 'unknown' })
  expect(routeOf('/elsewhere')).toEqual({ page: 'unknown' })
})
