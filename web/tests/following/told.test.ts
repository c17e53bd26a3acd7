import { expect, test } from 'vitest'
import { lastAbove, lineAt, packPassage, passageOf, percentOf } from '../../src/following/passage'
import { people, shownBy, type Told, toldBy } from '../../src/following/told'
import { type Carried, pack, unpack } from '../../src/viewer/carried'

const user = (id: string) => ({ id, name: `Dr ${id}`, role: 'lead', color: '#0f766e' })
const view: Carried = {
  media: 'm',
  frame: 3,
  view: { centre: { x: 1, y: 2 }, extent: { width: 3, height: 4 }, turn: 90, isMirrored: true },
  window: { centre: 40, width: 400 },
  isInverted: false,
  seconds: null,
  isPlaying: false,
  pointer: { x: 5, y: 6 },
}

function states(...said: readonly (readonly [number, object])[]): ReadonlyMap<number, Told> {
  const read: [number, Told][] = []
  for (const [client, state] of said) {
    const told = toldBy(state)
    if (told !== null) read.push([client, told])
  }
  return new Map(read)
}

test('[FOL-6] only the page of the turn is followed, by the person whom the server vouches for', () => {
  const packed = pack(view)
  const presenter = { by: { id: 'ada' }, client: 7 }
  const shown = shownBy(states([7, { user: user('ada'), view: packed }]), presenter)
  expect(shown?.view).toEqual(view)
  // Another member's page, also when it says that it is hers; another page of hers; a page of nobody; before she began.
  expect(shownBy(states([8, { user: user('eve'), view: packed, presents: true }]), presenter)).toBeNull()
  expect(shownBy(states([7, { user: user('eve'), view: packed }]), presenter)).toBeNull()
  expect(shownBy(states([8, { user: user('ada'), view: packed }]), presenter)).toBeNull()
  expect(shownBy(states([7, { view: packed }]), presenter)).toBeNull()
  expect(shownBy(states([7, { user: user('ada'), view: packed }]), { ...presenter, client: null })).toBeNull()
  expect(shownBy(states([7, { user: user('ada'), view: packed }]), null)).toBeNull()
})

test('[FOL-13] that another picture stands beside it travels with every speed, and nothing else changes', () => {
  for (const speed of [0.1, 0.25, 0.5, 1.5, 2, 4]) {
    const said: Carried = { ...view, seconds: 2, isPlaying: true, speed, isOneOfTwo: true }
    expect(unpack(pack(said))).toEqual(said)
  }
  expect(unpack(pack({ ...view, isOneOfTwo: true }))).toEqual({ ...view, isOneOfTwo: true })
  expect(unpack(pack(view))).toEqual(view)
})

test('[FOL-6] whatever else a page says is no view, no passage, no wish and nobody followed', () => {
  for (const bad of [null, 1, 'x', [], {}, [1], [1, 2, 3], Array(14).fill(null), Array(14).fill('x')]) {
    const told = toldBy({ user: user('ada'), view: bad, at: bad, follows: bad === 'x' ? 7 : bad, asks: bad })
    expect(told).toMatchObject({ view: null, passage: null, follows: null, asks: false })
  }
  for (const bad of [null, 1, 'x', [], {}, { user: null }, { user: { id: 1 } }]) expect(toldBy(bad)).toBeNull()
})

test('[FOL-7] who follows and who asks is each person once', () => {
  const all = states(
    [1, { user: user('cleo'), follows: 'ada' }],
    [2, { user: user('ben'), follows: 'ada', asks: true }],
    [3, { user: user('ben'), follows: 'ada' }],
    [4, { user: user('eve') }],
  )
  expect(people(all, ({ follows }) => follows === 'ada').map(({ id }) => id)).toEqual(['ben', 'cleo'])
  expect(people(all, ({ asks }) => asks).map(({ id }) => id)).toEqual(['ben'])
})

test('[FOL-8] a passage is the same whatever the width of the window', () => {
  const passage = { section: 'plan', block: 2, percent: 40 }
  expect(passageOf(JSON.parse(JSON.stringify(packPassage(passage))))).toEqual(passage)
  expect(passageOf(['head', -1, 0])).toEqual({ section: 'head', block: -1, percent: 0 })
  for (const bad of [['nowhere', 0, 0], ['plan', -2, 0], ['plan', 0.5, 0], ['plan', 0, 101], ['plan', 0, -1], ['plan', 0], ['plan', 1e9, 0], 'plan', null]) {
    expect(passageOf(bad)).toBeNull()
  }
  const wide = [{ top: -300, bottom: -100 }, { top: -90, bottom: 110 }, { top: 120, bottom: 300 }]
  const narrow = [{ top: 0, bottom: 700 }, { top: 710, bottom: 1500 }, { top: 1510, bottom: 2200 }]
  const at = lastAbove(wide, 60)
  const [from, to] = [wide[at], narrow[at]]
  if (at !== 1 || from === undefined || to === undefined) throw new Error('another paragraph')
  expect(percentOf(from, 60)).toBe(75)
  expect(lineAt(to, 75)).toBe(710 + 790 * 0.75)
  expect(lastAbove(wide, -301)).toBe(-1)
  expect(lastAbove(wide, 5_000)).toBe(2)
  expect(percentOf({ top: 5, bottom: 5 }, 9)).toBe(0)
})
