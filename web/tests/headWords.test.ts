import { expect, test } from 'vitest'
import type { Member } from '../src/api'
import { AGE_BANDS, NOTHING_SAID } from '../src/case/head'
import { ageName, fieldName, fieldValue, leadWords, ownerName, patientWords } from '../src/case/headWords'
import { placeName } from '../src/case/whereabouts'

function member(id: string, name: string, role: Member['role']): Member {
  return { person: { id, name, color: '#000000', profession: '', specialty: '', picture: null }, email: null, role, since: 0 }
}

test('[HEAD-4] every age band has a name of its own', () => {
  expect(ageName('0-27d')).toBe('0–27 days')
  expect(ageName('28d-11m')).toBe('28 days – 11 months')
  expect(ageName('30-39')).toBe('30–39 years')
  expect(ageName('90+')).toBe('90 years or older')
  expect(new Set(AGE_BANDS.map(ageName)).size).toBe(AGE_BANDS.length)
})

test('[HEAD-4] a patient is what was said of them', () => {
  expect(patientWords({ ...NOTHING_SAID, ageBand: '30-39', sex: 'female' })).toBe('30–39 years, female')
  expect(patientWords({ ...NOTHING_SAID, sex: 'male' })).toBe('male')
  expect(patientWords(NOTHING_SAID)).toBe('')
})

test('[HEAD-4] all who lead are named', () => {
  const members = [member('a', 'Ada', 'lead'), member('b', 'Ben', 'observer'), member('c', 'Cem', 'lead')]
  expect(leadWords(members, 'a')).toBe('Leads: Ada (you) and Cem')
  expect(leadWords(members.slice(0, 2), 'b')).toBe('Lead: Ada')
})

test('[HEAD-6] an owner who is no longer in the case is told as such', () => {
  expect(ownerName('a', [member('a', 'Ada', 'lead')])).toBe('Ada')
  expect(ownerName('z', [member('a', 'Ada', 'lead')])).toBe('Somebody who is no longer in the case')
  expect(ownerName(null, [])).toBeNull()
})

test('[HEAD-2] a field and a place that this page does not know are no reason to fail', () => {
  expect(fieldName('question')).toBe('Question for the room')
  expect(fieldName('constructor')).toBe('constructor')
  expect(placeName('plan')).toBe('Plan')
  expect(placeName('head.question')).toBe('At a glance')
  expect([placeName('__proto__'), placeName(null), placeName('headache')]).toEqual([null, null, null])
})

test('[HEAD-4] a rescued field says what its author saw, and what is of another kind as it is', () => {
  const members = [member('a', 'Ada', 'lead')]
  expect(fieldValue('ageBand', '30-39', members)).toBe('30–39 years')
  expect(fieldValue('sex', 'male', members)).toBe('Male')
  expect(fieldValue('nextOwner', 'a', members)).toBe('Ada')
  expect(fieldValue('nextDue', '2025-11-28', members)).toMatch(/28 Nov/)
  expect(fieldValue('nextDue', 'soon', members)).toBe('soon')
  expect(fieldValue('question', 'male', members)).toBe('male')
})
