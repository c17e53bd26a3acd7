import { afterEach, expect, test, vi } from 'vitest'
import { openCase, signIn, whoAmI } from '../src/api'
import { createCase } from '../src/cases/api'

/** The network answers this, request after request. */
function answering(...answers: Response[]): void {
  vi.stubGlobal('fetch', () => {
    const answer = answers.shift()
    return answer === undefined ? Promise.reject(new TypeError('no network')) : Promise.resolve(answer)
  })
}

function problem(status: number, body: object, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/problem+json', ...headers } })
}

afterEach(() => vi.unstubAllGlobals())

test('a case is read with its rights, its documents and its members', async () => {
  answering(
    Response.json({
      case: { id: 'c', title: 'T', state: 'open', created_at: 1 },
      role: 'lead',
      rights: ['read', 'write record', 'a right of tomorrow'],
      documents: { record: 'record~2' },
      members: [{ person: { id: 'p', name: 'P' }, role: 'lead', since: 2 }],
    }),
  )
  const answer = await openCase('c')
  if (!answer.ok) throw new Error(answer.problem.title)
  expect(answer.value.documents.get('record')).toBe('record~2')
  expect([...answer.value.rights]).toEqual(['read', 'write record'])
  expect(answer.value.members[0]?.email).toBeNull()
})

test('every refusal is a value of a closed set', async () => {
  answering(problem(401, { title: 'Please sign in.' }))
  expect(await whoAmI()).toEqual({ ok: false, problem: { kind: 'signed-out', title: 'Please sign in.', at: null } })
  answering(problem(404, { title: 'Nothing.' }))
  expect(await openCase('c')).toMatchObject({ problem: { kind: 'not-found' } })
  answering(problem(429, { title: 'Wait.' }, { 'retry-after': '7' }))
  expect(await signIn({ link: 'x' })).toMatchObject({ problem: { kind: 'too-many', retryAfterSeconds: 7 } })
  answering(problem(400, { title: 'No.', reason: 'invalid-request', detail: 'title: too long' }))
  expect(await createCase({ title: '', template: null, draft: false })).toMatchObject({ problem: { kind: 'refused', reason: 'invalid-request', detail: 'title: too long' } })
  answering(problem(503, { title: 'Later.' }))
  expect(await whoAmI()).toMatchObject({ problem: { kind: 'failed' } })
})

test('no network and an unreadable answer are told apart', async () => {
  answering()
  expect(await whoAmI()).toMatchObject({ problem: { kind: 'unreachable' } })
  answering(new Response('<html>', { status: 200 }))
  expect(await whoAmI()).toMatchObject({ problem: { kind: 'failed' } })
  answering(Response.json({ person: { id: 'p' } }))
  expect(await whoAmI()).toMatchObject({ problem: { kind: 'failed' } })
})
