import { expect, test } from 'vitest'
import { amountOf, sizeOf } from '../src/sizes'

test('amounts as people say them', () => {
  expect([0, 1, 712, 4096, 1_300_000, 2.5e9, 7e15].map(sizeOf)).toEqual(['0 bytes', '1 byte', '712 bytes', '4.1 kB', '1.3 MB', '2.5 GB', '7,000 TB'])
  expect(amountOf(1_234_567)).toBe('1,234,567')
})
