import { describe, expect, it } from 'vitest'
import type { Sitting } from '../src/history/api'
import { days, type Look, renewed, settled, sittingOf, spanOf, stepBefore } from '../src/history/moments'

const sitting = (first: number, last: number, day = 1): Sitting => ({ first, last, begun: day, ended: day, authors: [] })
const SITTINGS = [sitting(1, 1), sitting(2, 40), sitting(41, 45, 2)]

describe('the moments of a history [HIS-12]', () => {
  it('finds the sitting of every entry', () => {
    expect([1, 2, 39, 40, 41, 45, 99].map((seq) => sittingOf(SITTINGS, seq))).toEqual([0, 1, 1, 1, 2, 2, 2])
    expect(sittingOf([], 5)).toBe(0)
  })

  it('steps back a sitting at its end, and an edit within it', () => {
    expect([45, 44, 40, 2, 1].map((seq) => stepBefore(SITTINGS, seq))).toEqual([40, 43, 1, 1, 0])
  })

  it('compares any two moments, the earlier one first', () => {
    const span = (look: Look): readonly number[] => {
      const { from, to } = spanOf(look, SITTINGS, 45, 30)
      return [from, to]
    }
    expect(span({ at: 'now', against: 'before' })).toEqual([40, 45])
    expect(span({ at: 40, against: 'before' })).toEqual([1, 40])
    expect(span({ at: 12, against: 'before' })).toEqual([11, 12])
    expect(span({ at: 12, against: 'now' })).toEqual([12, 45])
    expect(span({ at: 'now', against: 'seen' })).toEqual([30, 45])
    expect(span({ at: 40, against: 'start' })).toEqual([0, 40])
    expect(span({ at: 40, against: 'nothing' })).toEqual([40, 40])
    expect(span({ at: 40, against: { seq: 12 } })).toEqual([12, 40])
    expect(span({ at: 12, against: { seq: 40 } })).toEqual([12, 40])
    expect(span({ at: 99, against: { seq: 120 } })).toEqual([45, 45])
    expect(spanOf({ at: 'now', against: 'seen' }, SITTINGS, 45, null)).toEqual({ from: 45, to: 45 })
  })

  it('lists them newest first under their days, with the names inside them', () => {
    const name = { seq: 12, name: 'before the board', author: { id: 'a', name: 'A', color: '#000000' }, at: 1 }
    const listed = days(SITTINGS, [name], String)
    expect(listed.map(({ day, lines }) => [day, lines.map((line) => [line.sitting.first, line.names.length])])).toEqual([
      ['2', [[41, 0]]],
      ['1', [[2, 1], [1, 0]]],
    ])
  })

  it('keeps what has settled and takes the newest sittings anew, as they may have grown together', () => {
    const known = Array.from({ length: 12 }, (_, index) => sitting(index * 10 + 1, index * 10 + 10))
    expect(settled(known)).toBe(20)
    expect(settled(SITTINGS)).toBe(0)
    const grown = [sitting(21, 140)]
    expect(renewed(known, grown, 20).map(({ last }) => last)).toEqual([10, 20, 140])
  })
})
