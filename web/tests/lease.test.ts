import { expect, test } from 'vitest'
import { judge, renewed, seen, TOLERANCE_MS } from '../src/offline/lease'

const HOUR = 3_600_000
const lease = renewed(72 * HOUR, 1000 * HOUR)

test('[OFF-7] copies may be opened until their time is over', () => {
  expect(judge(lease, 1000 * HOUR)).toBe('good')
  expect(judge(lease, 1072 * HOUR - 1)).toBe('good')
  expect(judge(lease, 1072 * HOUR)).toBe('over')
})

test('[OFF-7] a clock that was set back shuts them, one that is corrected a little does not', () => {
  const later = seen(lease, 1010 * HOUR)
  expect(judge(later, 1010 * HOUR - TOLERANCE_MS)).toBe('good')
  expect(judge(later, 1010 * HOUR - TOLERANCE_MS - 1)).toBe('clock')
  expect(judge(later, 0)).toBe('clock')
})

test('[OFF-7] once the time was over it stays so, whatever the clock says afterwards; only the server begins it anew', () => {
  const over = seen(seen(lease, 1072 * HOUR), 1001 * HOUR)
  expect(judge(over, 1001 * HOUR)).toBe('over')
  expect(judge(renewed(72 * HOUR, 1001 * HOUR), 1001 * HOUR)).toBe('good')
})
