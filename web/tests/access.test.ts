import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { LoggedEvent, Who } from '../src/access/api'
import { APART_MS, daysOf } from '../src/access/blocks'
import { ACTIONS, deed, doer } from '../src/access/sentences'
import { sheetOf } from '../src/access/sheet'
import './speakEnglish'

const ADA: Who = { id: 'a', name: 'Ada', color: '#000000' }
const BEN: Who = { id: 'b', name: 'Ben', color: '#000000' }

function event(action: string, more: Partial<LoggedEvent> = {}): LoggedEvent {
  return { seq: 1, at: 0, action, isRefused: false, who: ADA, means: 'session', person: null, document: null, details: new Map(), address: null, ...more }
}

describe('what the log says [AUD-14]', () => {
  it('has a sentence for every action that the server knows', () => {
    const source = readFileSync(new URL('../../workspace/audit.py', import.meta.url), 'utf8')
    const [, listed = ''] = /class Action\(StrEnum\):([\s\S]*?)\n\n\nclass/.exec(source) ?? []
    const known = [...listed.matchAll(/= "([a-z.-]+)"/g)].map(([, word]) => word)
    expect(known.length).toBeGreaterThan(40)
    expect([...ACTIONS].toSorted()).toEqual(known.toSorted())
    for (const action of ACTIONS) {
      const said = deed(event(action, { person: BEN, document: 'record', details: new Map(Object.entries({ seq: 3, kind: 'pdf', files: 2, role: 'lead', was: 'observer', state: 'open', until: 0 })) }))
      expect(said).not.toContain('access.')
      expect(said).not.toContain('{{')
      expect(said.length).toBeGreaterThan(5)
    }
    expect(deed(event('of.another-release'))).toBe('of.another-release')
  })

  it('names whom, and whatever an action says besides', () => {
    const role = new Map([['role', 'observer'], ['was', 'lead']])
    expect(deed(event('member.role-changed', { person: BEN, details: role }))).toBe('changed Ben from lead to observer')
    expect(deed(event('member.removed', { person: ADA }))).toBe('took themselves out of the case')
    expect(deed(event('member.removed', { person: { ...BEN, name: null } }))).toContain('account is gone')
    const copy = new Map<string, string | number>([['kind', 'docx'], ['seq', 12]])
    expect(deed(event('document.exported', { details: copy }))).toBe('took a copy of the record along as Word, up to entry 12')
    expect(deed(event('document.exported', { details: new Map([['kind', 'pdf']]) }))).toBe('took a copy of the page along as PDF')
    expect(deed(event('document.exported', { details: new Map([['kind', 'paper']]) }))).toBe('printed the record')
    expect(deed(event('document.opened', { document: 'opinion.abc' }))).toBe('had an opinion open')
    expect(deed(event('media.begun', { details: new Map([['files', 2]]) }))).toBe('began to add 2 files')
  })

  it('says who, also where nobody was signed in', () => {
    expect(doer(event('case.opened'))).toBe('Ada')
    expect(doer(event('case.created', { who: null, means: 'system' }))).toBe('Consilium, by itself')
    expect(doer(event('case.created', { who: null, means: 'command-line' }))).toBe('Whoever runs the server')
    expect(doer(event('sign-in.failed', { who: null, means: 'nobody' }))).toBe('Somebody not signed in')
  })

  it('puts together what one person did in a row, and counts what they did again', () => {
    const at = 10 * APART_MS
    const events = [
      event('case.opened', { seq: 6, at }),
      event('document.opened', { seq: 5, at: at - 1, document: 'record' }),
      event('case.opened', { seq: 4, at: at - APART_MS + 1 }),
      event('case.opened', { seq: 3, at: at - 2 * APART_MS + 1 }),
      event('case.opened', { seq: 2, at: at - 2 * APART_MS, who: BEN }),
      event('case.refused', { seq: 1, at: -APART_MS, who: BEN, isRefused: true }),
    ]
    const days = daysOf(events, { doer, deed, day: (when) => (when < 0 ? 'before' : 'today') })
    expect(days.map(({ day, blocks }) => [day, blocks.map(({ seq, name }) => [seq, name])])).toEqual([
      ['today', [[6, 'Ada'], [3, 'Ada'], [2, 'Ben']]],
      ['before', [[1, 'Ben']]],
    ])
    const [first] = days[0]?.blocks ?? []
    expect(first?.lines.map(({ text, count }) => [text, count])).toEqual([['opened the case', 2], ['had the record open', 1]])
    expect([first?.from, first?.to]).toEqual([at - APART_MS + 1, at])
    const told = days.flatMap(({ blocks }) => blocks.flatMap(({ lines }) => lines.map(({ count }) => count)))
    expect(told.reduce((sum, count) => sum + count, 0)).toBe(events.length)
    expect(days[1]?.blocks[0]?.lines[0]?.isRefused).toBe(true)
  })

  it('goes into a table that no spreadsheet takes for formulas', () => {
    const sheet = sheetOf([event('case.opened', { seq: 7, at: 0, who: { ...ADA, name: '=HYPERLINK("x")' } }), event('case.refused', { isRefused: true })])
    const [head, first, second, end] = sheet.split('\r\n')
    expect(head).toContain('"Entry","Time (UTC)"')
    expect(first).toBe('"7","1970-01-01T00:00:00.000Z","\'=HYPERLINK(""x"")","opened the case","","","case.opened",""')
    expect(second).toContain('"refused"')
    expect(end).toBe('')
  })
})
