// @vitest-environment jsdom
import { readFileSync } from 'node:fs'
import { strFromU8, unzipSync } from 'fflate'
import { prosemirrorToYXmlFragment } from '@tiptap/y-tiptap'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import type { Case } from '../../src/api'
import { coverageOf } from '../../src/exchange/coverage'
import { markdownReport } from '../../src/exchange/markdownReport'
import { layOut } from '../../src/exchange/pdf'
import { fileName, gather, type Report, type Source } from '../../src/exchange/report'
import { treeOf } from '../../src/exchange/treeOf'
import { wordReport } from '../../src/exchange/word'
import { SECTION_NAMES } from '../../src/sections'
import { read, tree } from './files'
import { MEMBERS, schema, section } from './records'

const OPENED: Case = {
  id: 'abcdefghijklmnop',
  title: 'Fever *after* travel',
  state: 'open',
  createdAt: 0,
  role: 'lead',
  rights: new Set(['read']),
  documents: new Map(),
  members: MEMBERS.map(({ id, name }) => ({ person: { id, name, color: '#000000', profession: '', specialty: '', picture: null }, email: null, role: 'consultant' as const, since: 0 })),
}

function report(doc: Y.Doc, source: Source = { kind: 'saved', seq: 1234 }): Report {
  return gather({ doc, opened: OPENED, by: 'Ada Lovelace', source, at: Date.UTC(2026, 10, 26, 15, 0) })
}

/** A paragraph that a test wrote. */
function written(words: string, name = 'summary', doc = new Y.Doc()): Y.Doc {
  prosemirrorToYXmlFragment(schema.node('doc', null, [schema.node('paragraph', null, [schema.text(words)])]), doc.getXmlFragment(name))
  return doc
}

test('[XCH-5] a whole record, exported as Markdown and read again, has the same sections with the same content', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(section, { minLength: 2, maxLength: 4 }), async (sections) => {
      const doc = new Y.Doc()
      sections.forEach((each, index) => prosemirrorToYXmlFragment(each, doc.getXmlFragment(SECTION_NAMES[index * 2] ?? 'plan')))
      const expected = sections.map((each, index) => ({ section: SECTION_NAMES[index * 2], blocks: treeOf(each) })).filter(({ blocks }) => blocks.length > 0)
      const { parts, isOurs } = await read(markdownReport(report(doc)))
      expect(isOurs).toBe(true)
      expect(parts.map((part) => ({ section: part.section, blocks: tree(part.blocks) }))).toEqual(expected)
    }),
    { numRuns: 25 },
  )
}, 60_000)

test('[XCH-7] an export says what the record is, who took it, when, up to which entry, and that it is a copy', () => {
  const doc = written('Day four.')
  doc.getMap('head').set('ageBand', '30-39')
  doc.getMap('head').set('question', 'Malaria?')
  doc.getMap('head').set('nextOwner', 'abcdefghijklmnop')
  const markdown = markdownReport(report(doc))
  for (const said of ['# Fever \\*after\\* travel', 'Open', '30–39 years', 'Malaria?', 'Somebody who is no longer', 'Ravi Ōnishi-Müller: Consultant', 'by Ada Lovelace on', 'up to entry 1,234', 'copy and not the record', '## Summary', 'Day four.', 'Nothing written in'])
    expect(markdown).toContain(said)
  expect(markdown).not.toContain('## Plan')
  expect(markdownReport(report(written('Day four.')))).not.toContain('Who does it')
})

test('[XCH-8] an export that was made without the server says so, and how many changes in it are not saved', () => {
  expect(markdownReport(report(written('x'), { kind: 'page', unsaved: 0 }))).toContain('without a connection')
  expect(markdownReport(report(written('x'), { kind: 'page', unsaved: 3 }))).toContain('with 3 changes that were not saved')
})

test('[XCH-7] the name of a file says nothing of the case but its mark and id', () => {
  expect(fileName(report(new Y.Doc()), new Date(2026, 10, 26, 9, 5).getTime(), 'pdf')).toMatch(/^consilium-[A-Z]{2}-abcdefghijklmnop-2026-11-26-0905\.pdf$/)
})

test('[XCH-7] a section with something that the editor does not know is exported as its plain text, and says so', () => {
  const doc = new Y.Doc()
  const strange = new Y.XmlElement('video')
  const words = new Y.XmlElement('paragraph')
  words.insert(0, [new Y.XmlText('Seen on video.')])
  strange.insert(0, [words])
  doc.getXmlFragment('imaging').push([strange])
  const [made] = report(doc).sections
  expect(made?.note).not.toBeNull()
  expect(JSON.stringify(made?.blocks)).toContain('Seen on video.')
})

test('[XCH-7] a Word export comes back with its headings, lists, tasks, tables and links', async () => {
  const doc = new Y.Doc()
  const markdown = '### Course\n\n- one\n    - two\n\n3. three\n\n- [x] done\n- [ ] open\n\n| A | B |\n| --- | --- |\n| 1 | **2** |\n\n[link](https://example.org/) @Ada Lovelace'
  const { blocks } = await read(markdown)
  prosemirrorToYXmlFragment(schema.topNodeType.create(null, [...blocks]), doc.getXmlFragment('plan'))
  written('Day four.', 'summary', doc)
  const file = new Uint8Array(await wordReport(report(doc)))
  const { parts, isOurs, notices } = await read(file)
  expect(isOurs).toBe(true)
  expect(notices.map(({ kind }) => kind)).toEqual(['headers'])
  const plan = JSON.stringify(tree(parts.find((part) => part.section === 'plan')?.blocks ?? []))
  for (const kind of ['heading', 'bullets', 'numbers', 'tasks', 'table']) expect(plan).toContain(`"kind":"${kind}"`)
  expect(plan).toContain('"href":"https://example.org/"')
  expect(plan.match(/"done":(?:true|false)/g)).toEqual(['"done":true', '"done":false'])
  expect(strFromU8(unzipSync(file)['word/numbering.xml'] ?? new Uint8Array())).toContain('<w:start w:val="3"/>')
})

test('[XCH-7] everything that the editor knows can be laid out as a PDF and written as Word', async () => {
  await fc.assert(
    fc.asyncProperty(section, async (each) => {
      const doc = new Y.Doc()
      prosemirrorToYXmlFragment(each, doc.getXmlFragment('plan'))
      const made = report(doc)
      expect(layOut(made, { main: () => true, more: () => true }).missing).toEqual([])
      expect((await wordReport(made)).byteLength).toBeGreaterThan(1000)
    }),
    { numRuns: 15 },
  )
}, 60_000)

const font = (path: string): ReturnType<typeof coverageOf> => {
  const bytes = readFileSync(`node_modules/${path}`)
  return coverageOf(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}
const FONTS = { main: font('pdfmake/fonts/Roboto/Roboto-Regular.ttf'), more: font('dejavu-fonts-ttf/ttf/DejaVuSans.ttf') }

test('[XCH-9] the fonts of a PDF have Latin, Greek and Cyrillic letters and the signs that clinicians write', () => {
  const said = 'Łódź Şükrü Nguyễn Tiếng Việt Ñandú œdème ß ĳ · Άσθμα · Ёжик Љубав Київ · ≥ ≤ ± × µ ° → ↑ ↓ ² ₂ ½ ♀ ♂ ☐ ☑ ✓ “…” – — € ‰ α β Δ'
  expect(layOut(report(written(said)), FONTS).missing).toEqual([])
  expect(layOut(report(written('Łódź ≥ ± µ °')), FONTS).usesMore).toBe(false)
})

test('[XCH-9] letters that no font has, or that would stand in the wrong order, are told and stand as boxes', () => {
  const { missing, definition } = layOut(report(written('Dr 林 שלום सिर fever')), FONTS)
  expect(missing).toEqual(expect.arrayContaining(['林', 'ש', 'स']))
  expect(missing).not.toContain('f')
  expect(JSON.stringify(definition)).toContain('□')
  expect(JSON.stringify(definition)).not.toContain('林')
})
