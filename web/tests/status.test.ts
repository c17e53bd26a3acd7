import { describe, expect, test } from 'vitest'
import { type Happening, type Model, next, PATIENCE_MS, start, statusOf, unsaved } from '../src/sync/status'

const T = 1_000_000

function after(...happenings: Happening[]): Model {
  return happenings.reduce(next, start(true, T))
}

const opened: Happening = { kind: 'opened', now: T }
const writer: Happening = { kind: 'admitted', scope: 'read-write' }
const reader: Happening = { kind: 'admitted', scope: 'readonly' }
const edited: Happening = { kind: 'edited', now: T }
const whole: Happening = { kind: 'sent', whole: true, now: T }
const part: Happening = { kind: 'sent', whole: false, now: T }
const accepted: Happening = { kind: 'verdict', accepted: true }
const rejected: Happening = { kind: 'verdict', accepted: false }
const closed: Happening = { kind: 'closed', busy: false }
const turnedAway: Happening = { kind: 'closed', busy: true }
const ready = [opened, writer, whole, accepted]

describe('the status', () => {
  test('is connecting before the first link, offline when there is no network', () => {
    expect(statusOf(start(true, T), T)).toEqual({ kind: 'connecting' })
    expect(statusOf(start(false, T), T)).toMatchObject({ kind: 'offline', changes: 0 })
  })

  test('stays connecting until the server said what we may do', () => {
    expect(statusOf(after(opened), T)).toEqual({ kind: 'connecting' })
  })

  test('[OPS-7] says that the server is busy until it lets us in, also while it takes our calls', () => {
    const busy = { kind: 'offline', because: 'busy' }
    expect(statusOf(after(opened, turnedAway), T)).toMatchObject(busy)
    expect(statusOf(after(opened, turnedAway, edited, opened), T)).toMatchObject({ ...busy, changes: 1 })
    expect(statusOf(after(opened, turnedAway, { kind: 'network', online: false }), T)).toMatchObject({ because: 'no-link' })
    expect(statusOf(after(opened, turnedAway, opened, closed), T)).toMatchObject({ because: 'no-link' })
    expect(statusOf(after(opened, turnedAway, ...ready), T)).toEqual({ kind: 'saved' })
    expect(statusOf(after(...ready, edited, turnedAway, opened, writer, whole, accepted), T)).toEqual({ kind: 'saved' })
  })

  test('is saved or read-only when nothing waits, by the scope', () => {
    expect(statusOf(after(...ready), T)).toEqual({ kind: 'saved' })
    expect(statusOf(after(opened, reader, whole, accepted), T)).toEqual({ kind: 'read-only' })
  })

  test('[PAGE-7] is saving from the edit until its acknowledgement, and not a moment less', () => {
    expect(statusOf(after(...ready, edited), T)).toEqual({ kind: 'saving', changes: 1 })
    expect(statusOf(after(...ready, edited, part), T)).toEqual({ kind: 'saving', changes: 1 })
    expect(statusOf(after(...ready, edited, part, accepted), T)).toEqual({ kind: 'saved' })
  })

  test('[STO-10] says that the server has no room until it takes an edit again', () => {
    const full: Happening[] = [...ready, edited, part, { kind: 'full' }]
    expect(statusOf(after(...full), T)).toEqual({ kind: 'full', changes: 1 })
    expect(statusOf(after(...full, closed, edited), T)).toEqual({ kind: 'full', changes: 2 })
    expect(statusOf(after(...full, closed, opened, whole), T)).toEqual({ kind: 'full', changes: 1 })
    expect(statusOf(after(...full, closed, opened, whole, accepted), T)).toEqual({ kind: 'saved' })
    expect(statusOf(after(...full, closed, { kind: 'network', online: false }), T)).toMatchObject({ kind: 'offline', changes: 1 })
    expect(statusOf(after(...ready, { kind: 'full' }), T)).toEqual({ kind: 'saved' })
  })

  test('counts acknowledgements one by one', () => {
    const two = [...ready, edited, part, edited, part]
    expect(unsaved(after(...two))).toBe(2)
    expect(unsaved(after(...two, accepted))).toBe(1)
    expect(unsaved(after(...two, accepted, accepted))).toBe(0)
  })

  test('warns when an acknowledgement is late', () => {
    const model = after(...ready, edited, part)
    expect(statusOf(model, T + PATIENCE_MS).kind).toBe('saving')
    expect(statusOf(model, T + PATIENCE_MS + 1)).toEqual({ kind: 'waiting', changes: 1 })
  })

  test('measures lateness from the oldest edit that still waits', () => {
    const model = after(...ready, edited, part, { kind: 'edited', now: T + 2000 }, { kind: 'sent', whole: false, now: T + 2000 }, accepted)
    expect(statusOf(model, T + 2000 + PATIENCE_MS).kind).toBe('saving')
    expect(statusOf(model, T + 2001 + PATIENCE_MS).kind).toBe('waiting')
  })

  test('is offline with a closed link or without a network, and counts what is kept', () => {
    expect(statusOf(after(...ready, closed, edited, edited), T)).toMatchObject({ kind: 'offline', changes: 2 })
    expect(statusOf(after(...ready, edited, { kind: 'network', online: false }), T)).toMatchObject({ kind: 'offline', changes: 1 })
    expect(statusOf(after(...ready, { kind: 'network', online: false }, { kind: 'network', online: true }), T).kind).toBe('saved')
  })

  test('[PAGE-7] does not read the acknowledgement of one queued edit as "all saved" after a reconnect', () => {
    const reconnected = [...ready, closed, edited, edited, edited, opened, part, part, part]
    expect(unsaved(after(...reconnected, accepted))).toBe(3)
    expect(unsaved(after(...reconnected, whole, accepted, accepted, accepted))).toBe(3)
    expect(unsaved(after(...reconnected, whole, accepted, accepted, accepted, accepted))).toBe(0)
  })

  test('forgets frames in flight when the link breaks: their verdicts will not come', () => {
    const model = after(...ready, edited, part, closed, opened, whole, edited, part, accepted)
    expect(unsaved(model)).toBe(1)
  })

  test('starts the clock again with a new link', () => {
    const model = after(...ready, closed, { kind: 'edited', now: T - 60_000 }, opened)
    expect(statusOf(model, T + PATIENCE_MS).kind).toBe('saving')
  })

  test('does not take a rejection for an acknowledgement', () => {
    expect(unsaved(after(...ready, edited, part, rejected))).toBe(1)
  })

  test('ignores a verdict on nothing', () => {
    const model = after(...ready)
    expect(next(model, accepted)).toBe(model)
  })

  test('sends nothing on a link that is not open', () => {
    expect(after(...ready, closed, part).inFlight).toEqual([])
  })

  test('ends for good and says how much was not saved', () => {
    const ended = after(...ready, edited, { kind: 'ended', why: 'no-access' })
    expect(statusOf(ended, T)).toEqual({ kind: 'ended', why: 'no-access', changes: 1 })
    for (const happening of [opened, closed, edited, whole, accepted, writer]) expect(next(ended, happening)).toBe(ended)
  })
})

test('[PAGE-7] never says "saved" while an edit has no acknowledgement, whatever happens in whatever order', () => {
  const kinds = [opened, closed, writer, edited, whole, part, accepted, rejected]
  let seed = 7
  const pick = (): Happening => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return kinds[Math.floor((seed / 2_147_483_648) * kinds.length)] ?? edited
  }
  let savedSeen = 0
  let unsavedSeen = 0
  for (let run = 0; run < 500; run++) {
    let model = start(true, T)
    for (let step = 0; step < 40; step++) {
      model = next(model, pick())
      const status = statusOf(model, T)
      if (status.kind === 'saved') {
        savedSeen++
        expect(model.saved).toBe(model.edits)
      } else if (unsaved(model) > 0) unsavedSeen++
      expect(model.saved).toBeLessThanOrEqual(model.edits)
    }
  }
  expect(savedSeen).toBeGreaterThan(100)
  expect(unsavedSeen).toBeGreaterThan(1000)
})
