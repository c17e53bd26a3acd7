import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { mapOf, readHead } from '../src/case/head'
import { HeadWriter } from '../src/case/headWriter'

/** Somebody at a keyboard: what they type goes into the text as it stands for them. */
class Typist {
  readonly doc = new Y.Doc()
  now = 0
  readonly writer = new HeadWriter(this.doc, undefined, undefined, () => this.now)

  get text(): string {
    return readHead(mapOf(this.doc)).question
  }

  type(letters: string, where: 'start' | 'end'): void {
    for (const letter of letters) this.writer.write('question', where === 'start' ? letter + this.text : this.text + letter)
  }

  hears(other: Typist): void {
    Y.applyUpdate(this.doc, Y.encodeStateAsUpdate(other.doc, Y.encodeStateVector(this.doc)))
  }
}

const settled = (): Promise<void> => Promise.resolve()

async function meet(one: Typist, other: Typist): Promise<void> {
  for (let round = 0; round < 4; round++) {
    one.hears(other)
    other.hears(one)
    await settled()
  }
}

function letters(text: string): string {
  return [...text].sort().join('')
}

/** Mulberry32: the same numbers in every run. */
function numbers(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

test('[HEAD-12] what two people write into one field at once is all there, once', async () => {
  let [collisions, most] = [0, 0]
  for (let seed = 1; seed <= 200; seed++) {
    const next = numbers(seed)
    const [ada, grace] = [new Typist(), new Typist()]
    ada.type('repeat it', 'end')
    await meet(ada, grace)
    let [left, right] = ['', '']
    for (let step = 0; step < 30; step++) {
      const letter = String.fromCharCode(0x3b1 + step)
      const dice = next()
      if (dice < 0.35) {
        ada.type(letter, 'start')
        left = letter + left
      } else if (dice < 0.7) {
        grace.type(letter, 'end')
        right += letter
      } else if (dice < 0.85) ada.hears(grace)
      else grace.hears(ada)
      await settled()
      if (ada.text !== grace.text) collisions += 1
    }
    await meet(ada, grace)
    expect([seed, ada.text]).toEqual([seed, grace.text])
    expect([seed, letters(ada.text)]).toEqual([seed, letters(`${left}repeat it${right}`)])
    most = Math.max(most, left.length + right.length)
  }
  expect(collisions).toBeGreaterThan(1000) // otherwise nothing was proved
  expect(most).toBeGreaterThan(15)
})

test('[HEAD-12] however many write into one field at once, and wherever, all see the same in the end', async () => {
  for (let seed = 1; seed <= 100; seed++) {
    const next = numbers(seed)
    const all = [new Typist(), new Typist(), new Typist()]
    const any = (): Typist => all[Math.floor(next() * all.length)] ?? new Typist()
    for (let step = 0; step < 30; step++) {
      const [one, other] = [any(), any()]
      const at = Math.floor(next() * one.text.length)
      const dice = next()
      if (dice < 0.4) one.writer.write('question', `${one.text.slice(0, at)}${String.fromCharCode(0x3b1 + step)}${one.text.slice(at)}`)
      else if (dice < 0.5) one.writer.write('question', one.text.slice(0, at) + one.text.slice(at + 2))
      else if (dice < 0.55) one.writer.undo()
      else one.hears(other)
      await settled()
    }
    for (let round = 0; round < 8; round++) {
      for (const one of all) for (const other of all) one.hears(other)
      await settled()
    }
    const texts = all.map(({ text }) => text)
    expect([seed, new Set(texts).size]).toEqual([seed, 1])
  }
})

test('[HEAD-12] two who changed the same words converge on the words of one', async () => {
  const [ada, grace] = [new Typist(), new Typist()]
  ada.writer.write('question', 'Repeat it on day 8?')
  await meet(ada, grace)
  ada.writer.write('question', 'Repeat it on day 9?')
  grace.writer.write('question', 'Repeat it on day 7?')
  await meet(ada, grace)
  expect(ada.text).toBe(grace.text)
  expect(ada.text).toMatch(/^Repeat it on day [79]\?$/)
})

test('[HEAD-12] the words of one who was offline stand beside those that came meanwhile', async () => {
  const [ada, grace] = [new Typist(), new Typist()]
  ada.type('Is it RCVS?', 'end')
  grace.type('Repeat the angiogram? ', 'end')
  await meet(ada, grace)
  expect(ada.text).toBe(grace.text)
  for (const words of ['Is it RCVS?', 'Repeat the angiogram? ']) expect(ada.text).toContain(words)
})

test('[HEAD-12] one who may no longer write writes nothing again', async () => {
  const doc = new Y.Doc()
  const writer = new HeadWriter(doc, undefined, () => false)
  writer.write('question', 'mine')
  let updates = 0
  doc.on('update', () => (updates += 1))
  const grace = new Typist()
  grace.type('hers', 'end')
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(grace.doc))
  await settled()
  expect(updates).toBe(1)
})

test('[HEAD-3] undo takes one’s own words out of what others have written around them', async () => {
  const [ada, grace] = [new Typist(), new Typist()]
  ada.type('repeat it', 'end')
  await meet(ada, grace)
  grace.writer.pause()
  grace.type('?lla ta ', 'end')
  await meet(ada, grace)
  ada.writer.pause()
  ada.type(' nehW', 'start')
  await meet(ada, grace)
  expect(grace.text).toBe('When repeat it?lla ta ')
  grace.writer.undo()
  await meet(ada, grace)
  expect(ada.text).toBe('When repeat it')
  grace.writer.redo()
  await meet(ada, grace)
  expect(ada.text).toBe('When repeat it?lla ta ')
  ada.writer.undo()
  expect(ada.text).toBe('repeat it?lla ta ')
})

test('[HEAD-3] however two people’s letters alternate, undo never empties the field', async () => {
  const [ada, grace] = [new Typist(), new Typist()]
  ada.type('MR angiography', 'end')
  await meet(ada, grace)
  ada.writer.pause()
  for (let round = 0; round < 6; round++) {
    ada.type('a', 'end')
    grace.type('b', 'start')
    await meet(ada, grace)
  }
  expect(ada.text).toBe('bbbbbbMR angiographyaaaaaa')
  expect(grace.writer.undo()).toBe(true)
  await meet(ada, grace)
  expect(ada.text).toBe('MR angiographyaaaaaa')
  grace.writer.redo()
  await meet(ada, grace)
  expect(ada.text).toBe('bbbbbbMR angiographyaaaaaa')
  ada.writer.undo()
  expect(ada.text).toBe('bbbbbbMR angiography')
})

test('[HEAD-3] letters in quick succession are taken back together, and what comes after a pause on its own', () => {
  const ada = new Typist()
  ada.type('Is it', 'end')
  ada.now += 900
  ada.type(' safe?', 'end')
  ada.writer.undo()
  expect(ada.text).toBe('Is it')
  ada.writer.undo()
  expect(ada.text).toBe('')
  expect([ada.writer.canUndo, ada.writer.canRedo]).toEqual([false, true])
  ada.type('New', 'end')
  expect(ada.writer.canRedo).toBe(false)
})

test('[HEAD-3] a choice that somebody changed since is not taken back', async () => {
  const [ada, grace] = [new Typist(), new Typist()]
  ada.writer.write('ageBand', '30-39')
  await meet(ada, grace)
  grace.writer.write('ageBand', '40-49')
  await meet(ada, grace)
  expect(ada.writer.undo()).toBe(false)
  expect(readHead(mapOf(ada.doc)).ageBand).toBe('40-49')
})
