import { expect, test } from 'vitest'
import type { Upload, UploadState } from '../../src/media/api'
import { aboutMedia, duration, sayWhy } from '../../src/media/mediaWords'
import { moved } from '../../src/media/order'
import { Sending, type Stage } from '../../src/media/sending'
import { isEmpty, progressOf, trayOf } from '../../src/media/tray'

let turn = 0

function upload(state: UploadState, more: Partial<Upload> = {}): Upload {
  turn += 1
  return { id: `u${turn}`, name: `IM${turn}`, size: 10, digest: `d${turn}`, state, reason: null, kind: null, at: 1, partsDone: [], done: 0, total: 0, media: null, mayRetry: false, isMine: true, ...more }
}

function sending(stage: Stage, id: string | null = null): Sending {
  turn += 1
  const item = new Sending(turn, 'c', new File(['x'], `IM${turn}`), 1, null)
  item.stage = stage
  item.upload = id
  return item
}

test('[GAL-7] two hundred slices are one group at each step, and refusals are gathered by their reason', () => {
  const uploads = [
    ...Array.from({ length: 200 }, () => upload('cleaning')),
    ...Array.from({ length: 5 }, () => upload('rejected', { reason: 'report' })),
    upload('rejected', { reason: 'encrypted' }),
    upload('uploading'),
    upload('needs-review', { isMine: false, name: '' }),
    upload('ready'),
    upload('cancelled'),
  ]
  const tray = trayOf([sending({ at: 'stopped', why: { kind: 'refused', reason: 'encrypted', limitBytes: null, title: null } })], uploads)
  expect(tray.checking).toHaveLength(200)
  expect(tray.refused.map(({ items, uploads: of }) => items.length + of.length).sort()).toEqual([2, 5])
  expect([tray.unfinished.length, tray.toReview.length, tray.moving.length]).toEqual([1, 1, 0])
})

test('[GAL-7] what this page sends is not shown a second time, as the server has it', () => {
  const tray = trayOf([sending({ at: 'sending' }, 'u')], [upload('uploading', { id: 'u' })])
  expect([tray.moving.length, tray.unfinished.length]).toEqual([1, 0])
  const after = trayOf([sending({ at: 'arrived' }, 'v')], [upload('cleaning', { id: 'v' })])
  expect([after.moving.length, after.checking.length]).toEqual([0, 1])
})

test('nothing under way is an empty tray', () => {
  expect(isEmpty(trayOf([], [upload('ready')]))).toBe(true)
})

test('progress is told only where the server tells it', () => {
  expect(progressOf([upload('cleaning')])).toBeNull()
  expect(progressOf([upload('cleaning', { done: 5, total: 10 }), upload('quarantined')])).toBe(0.25)
})

test('[GAL-10] one of the gallery is moved to a place, and not beyond the ends', () => {
  const all = ['a', 'b', 'c'].map((id) => ({ id }))
  const order = (id: string, to: number): string => moved(all, id, to).map((each) => each.id).join('')
  expect([order('a', 1), order('c', 0), order('b', 9), order('b', -1), order('x', 0)]).toEqual(['bac', 'cab', 'acb', 'bac', 'abc'])
})

test('[GAL-5] every reason is said, and one that is not known yet says at least that it was not taken', () => {
  expect(sayWhy({ kind: 'refused', reason: 'report', limitBytes: null, title: null })).toContain('report')
  expect(sayWhy({ kind: 'refused', reason: 'of-tomorrow', limitBytes: null, title: null })).toBe('It was not taken.')
  expect(sayWhy({ kind: 'refused', reason: 'too-large', limitBytes: 50_000_000, title: null })).toContain('50 MB')
})

test('what it is and how much of it', () => {
  const media = { id: 'm', caption: '', alt: '', version: 1, by: { id: 'p', name: 'P' }, at: 1, width: null, height: null, thumbnail: null, preview: null, certificate: null }
  expect(aboutMedia({ ...media, kind: 'dicom', files: 212, frames: 1, seconds: null })).toBe('DICOM, 212 images')
  expect(aboutMedia({ ...media, kind: 'video', files: 1, frames: null, seconds: 31.2 })).toBe('Video, 0:31')
  expect(aboutMedia({ ...media, kind: 'photo', files: 1, frames: 1, seconds: null })).toBe('Photo')
  expect(duration(3725)).toBe('1:02:05')
})
