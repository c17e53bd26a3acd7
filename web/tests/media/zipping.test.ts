import { strFromU8, unzipSync } from 'fflate'
import { afterEach, expect, test, vi } from 'vitest'
import type { Download } from '../../src/media/api'
import { Incomplete, zipOf } from '../../src/media/zipping'

/** Files of a series; each holds its name, several times over. */
function filesOf(count: number): readonly Download[] {
  return Array.from({ length: count }, (_, at) => ({ id: `f${at}`, name: `dicom-1-${at + 1}.dcm`, url: `http://store/${at}`, size: content(at).length }))
}

const content = (at: number): string => `file ${at} `.repeat(at * 40)

/** A store that counts how many of its answers are open at once. */
function store(answers: (at: number) => Response): { readonly asked: string[] } {
  const asked: string[] = []
  vi.stubGlobal('fetch', (url: string) => {
    asked.push(url)
    return Promise.resolve(answers(Number(/\d+/.exec(url)?.[0])))
  })
  return { asked }
}

async function made(files: readonly Download[], more: { again?: () => Promise<readonly Download[] | null>; told?: (bytes: number) => void } = {}): Promise<Record<string, Uint8Array>> {
  const stream = zipOf({ files, again: more.again ?? (() => Promise.resolve(null)), told: more.told ?? (() => undefined), stop: new AbortController().signal })
  return unzipSync(new Uint8Array(await new Response(stream).arrayBuffer()))
}

afterEach(() => vi.unstubAllGlobals())

test('[GAL-18] every file is in it, in order, under the name that the server gave', async () => {
  store((at) => new Response(content(at)))
  const told: number[] = []
  const files = filesOf(9)
  const unpacked = await made(files, { told: (bytes) => told.push(bytes) })
  expect(Object.keys(unpacked)).toEqual(files.map(({ name }) => name))
  for (const [at, { name }] of files.entries()) expect(strFromU8(unpacked[name] ?? new Uint8Array())).toBe(content(at))
  expect(told.at(-1)).toBe(files.reduce((sum, { size }) => sum + size, 0))
  expect(told).toEqual(told.toSorted((one, other) => one - other))
})

test('[GAL-18] it is made as it is taken: what nobody reads yet is not asked for', async () => {
  const { asked } = store((at) => new Response(content(at)))
  const reader = zipOf({ files: filesOf(40), again: () => Promise.resolve(null), told: () => undefined, stop: new AbortController().signal }).getReader()
  await reader.read()
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(asked.length).toBeLessThan(10)
  await reader.cancel().catch(() => undefined)
})

test('[GAL-18] a file that breaks off, has another length or is gone ends it', async () => {
  const files = filesOf(6)
  for (const wrong of [() => new Response(content(3).slice(1)), () => new Response(`${content(3)}x`), () => new Response('', { status: 404 })]) {
    store((at) => (at === 3 ? wrong() : new Response(content(at))))
    await expect(made(files)).rejects.toThrow(Incomplete)
  }
})

test('[GAL-18] an address that has ended is asked for again, all of them at once', async () => {
  const files = filesOf(9)
  const fresh = files.map((file) => ({ ...file, url: file.url.replace('store', 'fresh') }))
  vi.stubGlobal('fetch', (url: string) => {
    const at = Number(/\d+/.exec(url)?.[0])
    return Promise.resolve(at > 1 && url.includes('store') ? new Response('', { status: 403 }) : new Response(content(at)))
  })
  const again = vi.fn(() => Promise.resolve(fresh))
  const unpacked = await made(files, { again })
  expect(Object.keys(unpacked)).toHaveLength(9)
  expect(again).toHaveBeenCalledTimes(1)
})
