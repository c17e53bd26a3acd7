import { expect, test } from 'vitest'
import { dutyOf } from '../src/sync/codes'

test('changed access comes back at once, a restart or an overload after a pause', () => {
  expect(dutyOf(4205)).toBe('return-now')
  for (const code of [1001, 1005, 1006, 1011, 1012, 1013, 4408, 4429, 4500]) expect(dutyOf(code)).toBe('return')
})

test('nobody comes back unchanged after a refusal', () => {
  expect(dutyOf(4401)).toBe('sign-in')
  expect(dutyOf(4404)).toBe('leave')
  expect(dutyOf(4409)).toBe('reload')
  expect(dutyOf(4403)).toBe('ask')
  expect(dutyOf(1009)).toBe('stop')
  expect(dutyOf(4400)).toBe('stop')
  expect(dutyOf(4477)).toBe('ask')
})
