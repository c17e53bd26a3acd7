import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { AGE_BANDS, day, FIELDS, line, mapOf, readHead, type Head } from '../src/case/head'
import { HeadWriter } from '../src/case/headWriter'
import { carry } from '../src/case/splice'

const NOTHING: Head = { ageBand: null, sex: null, question: '', line: '', nextAction: '', nextOwner: null, nextDue: null }

function pair(): readonly [Y.Doc, Y.Doc] {
  const [one, other] = [new Y.Doc(), new Y.Doc()]
  one.on('update', (update: Uint8Array, origin: unknown) => origin !== other && Y.applyUpdate(other, update, one))
  other.on('update', (update: Uint8Array, origin: unknown) => origin !== one && Y.applyUpdate(one, update, other))
  return [one, other]
}

test('[HEAD-1] what is written is read, by everybody', () => {
  const [one, other] = pair()
  const writer = new HeadWriter(one)
  const said: Record<string, string> = {
    ageBand: '30-39',
    sex: 'female',
    question: '¿Repetir la angiografía? 突然 🫀',
    line: 'Thunderclap headaches',
    nextAction: 'MR angiogram',
    nextOwner: 'abcdefghij234567',
    nextDue: '2026-11-28',
  }
  for (const field of FIELDS) writer.write(field, said[field] ?? '')
  expect(readHead(mapOf(other))).toEqual(said)
  writer.write('sex', '')
  expect(mapOf(other).has('sex')).toBe(false)
})

test('[HEAD-2] hostile values are "not said yet": numbers, objects, nested types, unknown words, impossible days', () => {
  const hostile: unknown[] = [42, null, true, { toString: 'x' }, ['30-39'], new Uint8Array(9)]
  const nested = [() => new Y.Map(), () => new Y.Text('x'), () => new Y.Array()]
  for (const make of [...hostile.map((value) => () => value), ...nested]) {
    const map = mapOf(new Y.Doc())
    for (const field of FIELDS) map.set(field, make())
    expect(readHead(map)).toEqual(NOTHING)
  }
  const map = mapOf(new Y.Doc())
  map.set('ageBand', '30-39 ')
  map.set('sex', '__proto__')
  map.set('nextOwner', '<img src=x onerror=alert(1)>')
  map.set('nextDue', '2026-02-30')
  expect(readHead(map)).toEqual(NOTHING)
})

test('[HEAD-2] a root of another kind is an empty head', () => {
  const doc = new Y.Doc()
  doc.getXmlFragment('head').push([new Y.XmlElement('paragraph')])
  const copy = new Y.Doc()
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc))
  expect(readHead(mapOf(copy))).toEqual(NOTHING)
})

test('[HEAD-2] huge and unprintable texts become one line of 300 characters', () => {
  expect([...line('🫀'.repeat(1_000_000))]).toHaveLength(300)
  expect(line('x'.repeat(301))).toHaveLength(300)
  expect(line('a\u0000b\nc\u202Ed\u2029e')).toBe('a b c d e')
  expect(line(`${'x'.repeat(599)}🫀`)).not.toMatch(/[\ud800-\udbff]$/)
})

test('[HEAD-2] only days that exist count', () => {
  expect(day('2028-02-29')).toBe('2028-02-29')
  for (const wrong of ['2026-02-29', '2026-13-01', '0000-01-01', '26-1-1', '2026-01-01T00:00', '', 5]) expect(day(wrong)).toBeNull()
})

test('[HEAD-1] the age bands meet and do not overlap', () => {
  const years = AGE_BANDS.filter((band) => /^\d+-\d+$/.test(band)).map((band) => band.split('-').map(Number))
  for (const [at, [from]] of years.entries()) if (at > 0) expect(from).toBe((years[at - 1]?.[1] ?? 0) + 1)
})

test('[HEAD-3] undo takes back one’s own writing, never another person’s, and nothing they wrote over', () => {
  const [one, other] = pair()
  const [ada, grace] = [new HeadWriter(one), new HeadWriter(other)]
  ada.write('question', 'Ada asks')
  ada.pause()
  grace.write('line', 'Grace says')
  expect(ada.undo()).toBe(true)
  expect(readHead(mapOf(one))).toEqual({ ...NOTHING, line: 'Grace says' })
  expect(ada.undo()).toBe(false)
  expect(ada.redo()).toBe(true)
  expect(readHead(mapOf(other)).question).toBe('Ada asks')
  grace.write('question', 'Grace asks otherwise')
  ada.undo()
  expect(readHead(mapOf(one)).question).toBe('Grace asks otherwise')
})

test('[HEAD-1] two people in the same field converge', () => {
  const [one, other] = [new Y.Doc(), new Y.Doc()]
  new HeadWriter(one).write('question', 'one')
  new HeadWriter(other).write('question', 'other')
  Y.applyUpdate(one, Y.encodeStateAsUpdate(other))
  Y.applyUpdate(other, Y.encodeStateAsUpdate(one))
  expect(readHead(mapOf(one))).toEqual(readHead(mapOf(other)))
})

test('what is already so is not written again', () => {
  const doc = new Y.Doc()
  const writer = new HeadWriter(doc)
  writer.write('question', '')
  writer.write('question', 'x')
  let updates = 0
  doc.on('update', () => (updates += 1))
  writer.write('question', 'x')
  expect(updates).toBe(0)
})

test('a caret stays with its words when somebody else changes the text around them', () => {
  expect(carry(5, 'Is it safe?', 'Well: is it safe?'.replace('Well: is', 'Well: Is'))).toBe(11)
  expect(carry(2, 'Is it safe?', 'Is it really safe?')).toBe(2)
  expect(carry(11, 'Is it safe?', 'Is it really safe?')).toBe(18)
  expect(carry(3, 'abc', '')).toBe(0)
})
