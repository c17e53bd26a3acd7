import { expect, test } from 'vitest'
import { initials, inkOn, presences, samePeople } from '../src/sync/people'

test('[PAGE-2] a person in two tabs is here once; states without a person are nobody', () => {
  const ada = { id: 'a', name: 'Ada Ferro', role: 'lead', color: '#0b6e6e' }
  const ben = { id: 'b', name: 'Ben Osei', role: 'observer', color: 'url(https://elsewhere.example/)' }
  const here = presences([{ user: ben }, { user: ada, cursor: null }, { user: ada }, {}, null, { user: { name: 'no id' } }])
  expect(here.map(({ id }) => id)).toEqual(['a', 'b'])
  expect(here[1]?.color).toMatch(/^#[0-9a-f]{6}$/)
})

test('[HEAD-10] where somebody is follows the tab that says so; a place that is no text is nowhere', () => {
  const ada = { id: 'a', name: 'Ada', role: 'lead', color: '#0b6e6e' }
  const place = (...states: object[]): unknown => presences(states)[0]?.place
  expect(place({ user: ada, place: 'plan' }, { user: ada })).toBe('plan')
  expect(place({ user: ada, place: { toString: 'plan' } })).toBeNull()
  expect(place({ user: ada, place: null })).toBeNull()
})

test('[HEAD-10] a caret that moves changes nothing about who is here, and a place does', () => {
  const ada = { id: 'a', name: 'Ada', role: 'lead', color: '#0b6e6e' }
  const before = presences([{ user: ada, cursor: 1, place: 'plan' }])
  expect(samePeople(before, presences([{ user: ada, cursor: 2, place: 'plan' }]))).toBe(true)
  expect(samePeople(before, presences([{ user: ada, cursor: 2, place: 'history' }]))).toBe(false)
  expect(samePeople(before, [])).toBe(false)
})

test('initials come from the first and the last name', () => {
  expect(initials('Ada Ferro')).toBe('AF')
  expect(initials('Dr. Chidi van der Berg')).toBe('CB')
  expect(initials('Prof. Dr. Ana María Öz, MD')).toBe('AÖ')
  expect(initials('Dr Sam')).toBe('S')
  expect(initials('王芳')).toBe('王')
})

test('ink on a colour is the one that reads better', () => {
  expect(inkOn('#ffffff')).toBe('#000000')
  expect(inkOn('#0b3b3b')).toBe('#ffffff')
})
