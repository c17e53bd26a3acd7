import { expect, test } from 'vitest'
import { readRefusal } from '../src/sync/refusal'

test('a refusal carries the reason and the sentence', () => {
  expect(readRefusal('{"type":"refused","reason":"document-full","title":"Full."}')).toEqual({
    kind: 'refused',
    reason: 'document-full',
    title: 'Full.',
  })
})

test('a refusal without words is still a refusal', () => {
  expect(readRefusal('{"type":"refused"}')).toMatchObject({ kind: 'refused', reason: 'unknown' })
  expect(readRefusal(null).title).not.toBe('')
})

test('anything else is not a refusal', () => {
  for (const payload of ['', 'refused', '[]', 'null', '{"type":"hello"}']) expect(readRefusal(payload).kind).toBe('other')
})

test('[LST-3] that the case changed is news and not a refusal', () => {
  expect(readRefusal('{"type":"case-changed"}')).toEqual({ kind: 'case-changed' })
})
