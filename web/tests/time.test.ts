import { expect, test } from 'vitest'
import { ago } from '../src/time'

test('the past in words', () => {
  const now = Date.UTC(2026, 0, 31)
  expect(ago(now - 20_000, now)).toBe('just now')
  expect(ago(now + 5_000, now)).toBe('just now')
  expect(ago(now - 60_000, now)).toBe('1 minute ago')
  expect(ago(now - 3 * 3_600_000, now)).toBe('3 hours ago')
  expect(ago(now - 86_400_000, now)).toBe('yesterday')
})
