import { expect, test } from 'vitest'
import { hash, PART_BYTES, partSize, partsOf } from '../../src/media/digest'
import { Lanes } from '../../src/media/lanes'
import { Pace } from '../../src/media/pace'
import { foreign } from '../../src/media/sniffing'
import { backOff } from '../../src/media/waiting'
import { sha256 } from './store'

const never = new AbortController().signal

test('[GAL-2] a digest is that of the digests of the parts, of 8 MiB each', async () => {
  const bytes = new Uint8Array(PART_BYTES + 5).map((_, at) => at % 251)
  const heard: number[] = []
  const { digest, parts } = await hash(new Blob([bytes]), (done) => heard.push(done), never)
  const sums = [sha256(bytes.subarray(0, PART_BYTES)), sha256(bytes.subarray(PART_BYTES))]
  expect(parts).toEqual(sums)
  expect(digest).toBe(sha256(Buffer.concat(sums.map((sum) => Buffer.from(sum, 'hex')))))
  expect(heard).toEqual([PART_BYTES, PART_BYTES + 5])
})

test('[GAL-2] naming a file can be given up', async () => {
  const stop = new AbortController()
  await expect(hash(new Blob([new Uint8Array(30)]), () => stop.abort(), stop.signal, 10)).rejects.toThrow()
})

test('parts cover a file exactly', () => {
  for (const size of [0, 1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 5 * PART_BYTES]) {
    const sizes = Array.from({ length: partsOf(size) }, (_, at) => partSize(size, at + 1))
    expect(sizes.reduce((sum, each) => sum + each, 0)).toBe(size)
  }
})

test('[GAL-2] whoever was chosen first goes first, whoever asked first', async () => {
  const lanes = new Lanes(1)
  const leave = await lanes.enter(1, never)
  const went: number[] = []
  const others = [3, 2].map(async (order) => {
    const out = await lanes.enter(order, never)
    went.push(order)
    out()
  })
  leave()
  leave() // giving it back twice gives nobody a second lane
  await Promise.all(others)
  expect(went).toEqual([2, 3])
})

test('whoever gives up in the queue holds no lane', async () => {
  const lanes = new Lanes(1)
  const leave = await lanes.enter(1, never)
  const stop = new AbortController()
  const waiting = lanes.enter(2, stop.signal)
  stop.abort()
  await expect(waiting).rejects.toThrow()
  leave()
  await lanes.enter(3, never)
})

test('[GAL-3] tries come later and later, and never all at one instant', () => {
  expect(backOff(1, 0)).toBe(250)
  expect(backOff(1, 0.999)).toBeCloseTo(500, -1)
  expect(backOff(50, 1)).toBe(30_000)
  expect(backOff(4, 0.2)).not.toBe(backOff(4, 0.7))
})

test('[GAL-2] the speed is that of the last seconds', () => {
  const pace = new Pace()
  expect(pace.speed(0)).toBeNull()
  for (let at = 0; at <= 10_000; at += 500) pace.went(500_000, at)
  expect(pace.speed(10_000)).toBeGreaterThan(900_000)
  expect(pace.speed(10_000)).toBeLessThan(1_200_000)
  expect(pace.secondsFor(10_000_000, 10_000)).toBeGreaterThan(8)
  expect(pace.speed(60_000)).toBeNull()
})

test.each([
  ['PK\x03\x04[Content_Types].xml', 'office'],
  ['PK\x03\x04IM0001', 'archive'],
  ['Rar!\x1a\x07', 'archive'],
  ['MZ\x90\0', 'program'],
  ['Dear colleague,\n', 'text'],
  ['<svg xmlns="http://www.w3.org/2000/svg">', 'text'],
  ['%PDF-1.7\n', null],
  ['\xff\xd8\xff\xe0\0\x10JFIF', null],
  ['\x89PNG\r\n\x1a\n\0', null],
  [`${'\0'.repeat(128)}DICM`, null],
  ['\x08\0\x05\0CS', null],
])('[GAL-5] %j is seen to be %s', (start, kind) => {
  expect(foreign(Uint8Array.from(start, (letter) => letter.charCodeAt(0)))).toBe(kind)
})
