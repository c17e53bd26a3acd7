import { expect, test } from 'vitest'
import { type Entry, gatherEntries, gatherFiles } from '../../src/media/gather'

function file(path: string, content = 'x'): File {
  const made = new File([content], path.split('/').at(-1) ?? '')
  Object.defineProperty(made, 'webkitRelativePath', { value: path.includes('/') ? path : '' })
  return made
}

/** A folder as the browser hands it out: its list comes in pieces. */
function folder(name: string, inside: readonly Entry[], piece = 100): Entry {
  return {
    name,
    isFile: false,
    isDirectory: true,
    createReader: () => {
      let at = 0
      return { readEntries: (found) => found(inside.slice(at, (at += piece))) }
    },
  }
}

function entry(name: string, content = 'x'): Entry {
  return { name, isFile: true, isDirectory: false, file: (found) => found(file(name, content)) }
}

test('[GAL-6] of a CD the slices come, and neither its index nor what systems put beside them', async () => {
  const slices = Array.from({ length: 230 }, (_, at) => entry(`IM${at}`))
  const cd = folder('CD', [entry('DICOMDIR'), entry('.DS_Store'), entry('Thumbs.db'), folder('__MACOSX', [entry('IM0')]), folder('ST1', [folder('SE1', slices)]), entry('EMPTY', '')])
  const { files, skipped, isCut } = await gatherEntries([cd])
  expect(files).toHaveLength(230)
  expect(files.map(({ name }) => name).slice(0, 3)).toEqual(['IM0', 'IM1', 'IM2'])
  expect(skipped).toEqual({ system: 3, directory: 1, empty: 1 })
  expect(isCut).toBe(false)
})

test('[GAL-6] a chosen folder is looked through the same way', () => {
  const { files, skipped } = gatherFiles([file('CD/ST1/IM0'), file('CD/DICOMDIR'), file('CD/.git/config'), file('CD/desktop.ini')])
  expect(files.map(({ name }) => name)).toEqual(['IM0'])
  expect(skipped).toEqual({ system: 2, directory: 1, empty: 0 })
})

test('[GAL-6] what cannot be read costs nothing else', async () => {
  const broken: Entry = { name: 'broken', isFile: true, isDirectory: false, file: (_, failed) => failed(new Error('no')) }
  const shut: Entry = { name: 'shut', isFile: false, isDirectory: true, createReader: () => ({ readEntries: (_, failed) => failed(new Error('no')) }) }
  const { files } = await gatherEntries([broken, shut, entry('good')])
  expect(files.map(({ name }) => name)).toEqual(['good'])
})
