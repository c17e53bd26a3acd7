import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { Annotations } from '../../src/annotations/annotations.svelte'
import { handlesOf } from '../../src/annotations/handles'
import { drawn, type Group, group } from './pair'

const ELLIPSE = drawn({ shape: 'ellipse' })
const HANDLES = handlesOf(ELLIPSE)
const MEDIA = ['media1', 'media2']

const point = fc.record({ x: fc.integer({ min: -50, max: 600 }), y: fc.integer({ min: -50, max: 600 }) })
const who = fc.integer({ min: 0, max: 2 })
/** Most of them the same, so that people meet there. */
const handle = fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 8 }))
/** Which mark of those that somebody sees. */
const which = fc.integer({ min: 0, max: 4 })

const act = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('add' as const), who, media: fc.constantFrom(...MEDIA), shape: fc.constantFrom('length' as const, 'rectangle' as const), to: point }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('moveHandle' as const), who, which, at: handle, to: point }) },
  fc.record({ kind: fc.constant('moveAll' as const), who, which, to: point }),
  fc.record({ kind: fc.constant('describe' as const), who, which, label: fc.string({ maxLength: 8 }), code: fc.option(fc.constantFrom('1', '2')) }),
  fc.record({ kind: fc.constantFrom('resolve' as const, 'lock' as const), who, which, is: fc.boolean() }),
  fc.record({ kind: fc.constantFrom('remove' as const, 'restore' as const), who, which }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reply' as const), who, which }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('undo' as const, 'redo' as const), who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('cut' as const, 'mend' as const), who }) },
)
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never

/** What was said by whom, and who took something back or locked something meanwhile. */
interface Told {
  readonly replies: { readonly who: number; readonly text: string }[]
  readonly moved: Map<string, Set<number>>
}

function perform(all: Group, each: Act, told: Told): void {
  const { marked } = all.at(each.who)
  const mark = 'which' in each ? MEDIA.flatMap((media) => marked.of(media))[each.which] : undefined
  switch (each.kind) {
    case 'add':
      return void marked.add(drawn({ media: each.media, shape: each.shape, points: [each.to, { x: 1, y: 2 }] }))
    case 'undo':
      return marked.undo()
    case 'redo':
      return marked.redo()
    case 'cut':
      return all.cut(each.who)
    case 'mend':
      return all.mend(each.who)
    default:
      break
  }
  if (mark === undefined) return
  switch (each.kind) {
    case 'moveHandle':
      told.moved.set(`${mark.id} ${each.at}`, (told.moved.get(`${mark.id} ${each.at}`) ?? new Set()).add(each.who))
      return marked.moveHandle(mark.id, each.at, each.to)
    case 'moveAll':
      return marked.moveAll(mark.id, each.to)
    case 'describe':
      return marked.describe(mark.id, { label: each.label, code: each.code === null ? null : { system: 'http://snomed.info/sct', code: each.code, display: each.code } })
    case 'resolve':
      return marked.resolve(mark.id, each.is)
    case 'lock':
      return marked.lock(mark.id, each.is)
    case 'remove':
      return marked.remove(mark.id)
    case 'restore':
      return marked.restore(mark.id)
    case 'reply': {
      const text = `said ${told.replies.length}`
      told.replies.push({ who: each.who, text })
      return marked.reply(mark.id, text)
    }
    default:
      return each satisfies never
  }
}

test('of a box that two people move by its corners and sides apart, each side is where one of those put it who moved it [ANN-2]', () => {
  let [shared, own] = [0, 0]
  const moves = fc.array(fc.record({ at: fc.integer({ min: 0, max: 7 }), to: point }), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(moves, moves, (ours, theirs) => {
      const both = group(2)
      const id = both.at(0).marked.add(ELLIPSE)
      both.cut(0)
      const alone = [ours, theirs].map((each, who) => {
        for (const { at, to } of each) both.at(who).marked.moveHandle(id, at, to)
        return both.at(who).marked.find(id)?.points ?? []
      })
      both.mendAll()
      const [ada, bo] = both.people.map(({ marked }) => marked.find(id)?.points ?? [])
      expect(ada).toEqual(bo)
      const winners = new Set<number | undefined>()
      for (const axis of ['x', 'y'] as const) {
        for (const corner of [0, 1]) {
          const movers = [ours, theirs].flatMap((each, who) => (each.some(({ at }) => HANDLES[at]?.[axis] === corner) ? [who] : []))
          const its = ada?.[corner]?.[axis]
          const won = movers.filter((who) => alone[who]?.[corner]?.[axis] === its)
          if (movers.length === 0) expect(its).toBe(ELLIPSE.points[corner]?.[axis])
          else expect(won).not.toEqual([])
          if (movers.length === 2 && won.length === 1) winners.add(won[0])
          shared += movers.length === 2 ? 1 : 0
          own += movers.length === 1 ? 1 : 0
        }
      }
      // Of a corner that both moved nobody has one half each.
      expect(winners.size).toBeLessThan(2)
    }),
    { numRuns: 200 },
  )
  expect(shared).toBeGreaterThan(100)
  expect(own).toBeGreaterThan(100)
})

const shown = (marked: Annotations) => MEDIA.map((media) => marked.of(media))

test('three people who mark, take back, and lose and find their line, end with the same, however it went [ANN-5]', () => {
  let [marks, contests] = [0, 0]
  fc.assert(
    fc.property(fc.array(act, { minLength: 10, maxLength: 60, size: 'max' }), (acts) => {
      const all = group(3)
      const told: Told = { replies: [], moved: new Map() }
      for (const each of acts) perform(all, each, told)
      all.mendAll()
      const [first, ...others] = all.people.map(({ marked }) => shown(marked))
      for (const other of others) expect(other).toEqual(first)
      // What was followed step by step is what one reads who comes now.
      const ada = all.at(0)
      const fresh = new Annotations({ mayMark: false, isKnown: true, me: ada.me, judge: (_client, _clock, claimed) => claimed, now: () => new Date(), makeId: () => '' })
      const copy = new Y.Doc()
      fresh.follow(copy)
      Y.applyUpdate(copy, Y.encodeStateAsUpdate(ada.doc))
      expect(shown(fresh)).toEqual(first)
      marks += first?.flat().length ?? 0
      contests += [...told.moved.values()].filter((people) => people.size > 1).length
    }),
    { numRuns: 150 },
  )
  expect(marks).toBeGreaterThan(150)
  expect(contests).toBeGreaterThan(20)
})

test('what somebody said who took nothing back is said, whatever others remove and take back [ANN-3] [ANN-4] [ANN-6]', () => {
  let said = 0
  fc.assert(
    fc.property(fc.array(act, { minLength: 10, maxLength: 60, size: 'max' }), (acts) => {
      const all = group(3)
      const told: Told = { replies: [], moved: new Map() }
      for (const each of acts) if (!(each.who === 0 && (each.kind === 'undo' || each.kind === 'redo'))) perform(all, each, told)
      all.mendAll()
      const there = shown(all.at(2).marked).flat().flatMap(({ replies }) => replies.map(({ text }) => text))
      const ours = told.replies.filter((reply) => reply.who === 0).map(({ text }) => text)
      expect(there.filter((text) => ours.includes(text)).sort()).toEqual(ours.sort())
      said += ours.length
    }),
    { numRuns: 500 },
  )
  expect(said).toBeGreaterThan(50)
})
