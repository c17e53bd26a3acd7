import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Author } from '../../src/annotations/annotation'
import { Annotations } from '../../src/annotations/annotations.svelte'
import { Authorship, type Journal, type Wrote } from '../../src/annotations/authorship'
import { stored } from '../../src/annotations/stored'
import { drawn, group } from './pair'

const ADA: Wrote['author'] = { id: 'person0', name: 'Ada Ferro', color: '#0b6b6b' }
const ROLES: Record<string, string> = { person0: 'lead', person1: 'consultant' }

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Bo's page, on which the journal knows some client ids; `asked`: what it was asked for, each time. */
function reader(known: Map<number, Wrote['author']>, isThere = () => true) {
  const both = group(2)
  const asked: (readonly string[])[] = []
  const bo = both.at(1)
  const journal: Journal = {
    ask(spans) {
      asked.push(spans)
      const wrote = spans.map((span) => Number(span.split('.')[0])).flatMap((client) => (known.has(client) ? [{ client, author: known.get(client) ?? ADA }] : []))
      return Promise.resolve(isThere() ? { wrote, isWhole: true } : null)
    },
    mine: bo.doc.clientID,
    me: bo.me,
    roleOf: (person) => ROLES[person] ?? '',
    learned: (clients) => marked.judgeAgain(clients),
  }
  const authorship = new Authorship(journal)
  const marked = new Annotations({ mayMark: true, isKnown: true, me: bo.me, judge: authorship.judge, now: () => new Date(0), makeId: () => `of-bo${asked.length}` })
  marked.follow(bo.doc)
  return { ada: both.at(0), marked, asked, authorship }
}

describe('who wrote a mark', () => {
  it('is who its page says until the journal has said it, and then who really did [ANN-8]', async () => {
    const { ada, marked } = reader(new Map([[1, ADA]]))
    const forged: Author = { id: 'person9', name: 'Prof. Nobody', role: 'lead', color: '#ffffff' }
    ada.doc.getMap('annotations').set('a', stored('a', drawn(), forged, new Date(0)))
    expect(marked.find('a')?.by).toEqual(forged)
    await vi.advanceTimersByTimeAsync(0)
    expect(marked.find('a')?.by).toEqual({ ...ADA, role: 'lead' })
    expect(marked.of('media1')[0]?.by.id).toBe('person0')
  })

  it('is asked once for each client, however many marks and replies, and not of our own [ANN-8]', async () => {
    const { ada, marked, asked } = reader(new Map([[1, ADA]]))
    for (let at = 0; at < 20; at++) ada.marked.reply(ada.marked.add(drawn()), 'And?')
    marked.add(drawn())
    await vi.advanceTimersByTimeAsync(10_000)
    ada.marked.add(drawn())
    await vi.advanceTimersByTimeAsync(60_000)
    expect(asked).toHaveLength(1)
    expect(asked[0]).toHaveLength(1)
    expect(asked[0]?.[0]).toMatch(/^1\.\d+\.\d+$/)
  })

  it('that is not in the journal yet is asked for again, ever more seldom, until it is closed [ANN-8]', async () => {
    const known = new Map<number, Wrote['author']>()
    let isThere = false
    const { ada, marked, asked, authorship } = reader(known, () => isThere)
    const id = ada.marked.add(drawn())
    await vi.advanceTimersByTimeAsync(60_000)
    const early = asked.length
    await vi.advanceTimersByTimeAsync(60_000)
    expect(asked.length - early).toBeLessThan(early)
    isThere = true
    known.set(1, { ...ADA, id: 'person1' })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(marked.find(id)?.by).toMatchObject({ id: 'person1', role: 'consultant' })
    authorship.close()
    const count = asked.length
    ada.doc.clientID = 77
    ada.marked.add(drawn())
    await vi.advanceTimersByTimeAsync(120_000)
    expect(asked).toHaveLength(count)
  })

  it('of a reply is who wrote the reply [ANN-8]', async () => {
    const { ada, marked } = reader(new Map([[1, ADA]]))
    const id = ada.marked.add(drawn())
    marked.reply(id, 'Mine.')
    ada.marked.reply(id, 'Hers.')
    await vi.advanceTimersByTimeAsync(0)
    expect(marked.find(id)?.replies.map(({ by, text }) => [by.id, text])).toEqual([['person1', 'Mine.'], ['person0', 'Hers.']])
  })
})
