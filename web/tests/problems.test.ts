import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import en from '../src/i18n/en.json'
import { sayFailure, sayProblem } from '../src/problems'

const table = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
const reasons = [...table.matchAll(/^\| \w[^|]*\| `([a-z-]+)` \|/gm)].map(([, reason = '']) => reason)

it('[LANG-4] every error that the server knows is said in every language (en.json and es.json, under "problem")', () => {
  expect(reasons.length).toBeGreaterThan(15)
  expect(reasons.filter((reason) => !Object.keys(en.problem).includes(reason))).toEqual([])
})

it('[LANG-4] what came later is said in the words of the server, and what has none in ours', () => {
  expect(sayProblem('not-found', 'Server words.')).toBe(en.problem['not-found'])
  expect(sayProblem('from-the-future', 'Server words.')).toBe('Server words.')
  expect(sayProblem('toString', null)).toBe(en.problem['consilium-error'])
})

it('[LOG-5] what nobody foresaw is told with the name by which the operator finds it, and only that', () => {
  expect(sayFailure('consilium-error', 'Server words.', '00ff00ff00ff00ff')).toBe(
    'Something went wrong. If it happens again, tell whoever runs this server: 00ff00ff00ff00ff',
  )
  expect(sayFailure('consilium-error', 'Server words.', null)).toBe(en.problem['consilium-error'])
  expect(sayFailure('storage-unavailable', null, '00ff00ff00ff00ff')).toBe(en.problem['storage-unavailable'])
})

it('[GAL-5] every reason for which a file is not taken is said in every language', () => {
  const source = readFileSync(new URL('../../workspace/media.py', import.meta.url), 'utf8')
  const vocabulary = /class Reason\(StrEnum\):([\s\S]*?)\n\n\n/.exec(source)?.[1] ?? ''
  const words = [...vocabulary.matchAll(/^ {4}[A-Z_]+ = "([a-z-]+)"/gm)].map(([, word = '']) => word)
  expect(words.length).toBeGreaterThan(20)
  expect(words.filter((word) => !Object.keys(en.media.reason).includes(word))).toEqual([])
})
