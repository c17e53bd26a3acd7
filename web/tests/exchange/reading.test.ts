// @vitest-environment jsdom
import { beforeEach, expect, test, vi } from 'vitest'
import { wordsOf } from '../../src/exchange/tree'
import { read, refusal, tree, wordFile, wordParagraph } from './files'

const fetched = vi.fn()
beforeEach(() => {
  fetched.mockReset()
  vi.stubGlobal('fetch', fetched)
  vi.stubGlobal('XMLHttpRequest', fetched)
})

const bytes = (...parts: (number | string)[]): Uint8Array<ArrayBuffer> =>
  new Uint8Array(parts.flatMap((part) => (typeof part === 'string' ? [...part].map((letter) => letter.charCodeAt(0)) : [part])))

test.each([
  ['pdf', bytes('%PDF-1.7\n', 0xe2, 0xe3)],
  ['old-word', bytes(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 'EncryptedPackage')],
  ['rtf', bytes('{\\rtf1\\ansi Fever}')],
  ['picture', bytes(0x89, 'PNG', 13, 10)],
  ['picture', bytes(0xff, 0xd8, 0xff, 0xe0, 'JFIF')],
  ['archive', bytes('PK', 3, 4, 'notes.txt')],
  ['open-document', bytes('PK', 3, 4, 'mimetypeapplication/vnd.oasis.opendocument.text')],
  ['spreadsheet', bytes('PK', 3, 4, 'xl/workbook.xml')],
  ['binary', bytes('text', 0, 1, 2, 0, 0, 5)],
  ['empty', bytes()],
  ['empty', bytes(' \n\n')],
  ['broken', bytes('PK', 3, 4, 'word/document.xml and nothing else')],
  ['broken', wordFile('<w:p><w:r>')],
] as const)('[XCH-1] what cannot be read is refused by what it is, whatever its name: %s', async (why, content) => {
  for (const name of ['notes.docx', 'notes.md', 'notes.txt', 'notes']) expect(await refusal(content, name)).toBe(why)
})

test('[XCH-1] a text is known by its signs; the name decides only between a text and one that may be Markdown', async () => {
  expect((await read('# Plan\n\n- MRI\n- EEG', 'notes.txt')).kind).toBe('markdown')
  expect((await read('Fever for 3 days.\n\nNo rash.', 'notes.txt')).kind).toBe('text')
  expect((await read('Fever for 3 days.', 'notes.md')).kind).toBe('markdown')
  expect((await read('<!doctype html><html><p>Fever', 'notes.txt')).kind).toBe('html')
  expect((await read('<p>Fever</p>\n<p>Rash</p>', 'notes.md')).kind).toBe('html')
  expect((await read(wordFile(wordParagraph('Fever')), 'notes.txt')).kind).toBe('word')
})

test('[XCH-1] a Word file that unpacks beyond measure is not unpacked, also when it lies about its size', async () => {
  const bomb = wordFile('', { 'word/styles.xml': new Uint8Array(70_000_000) })
  expect(bomb.length).toBeLessThan(200_000)
  expect(await refusal(bomb, 'notes.docx')).toBe('bomb')
  const lying = bomb.slice()
  const view = new DataView(lying.buffer)
  for (let at = 0; at < lying.length - 4; at += 1) if (view.getUint32(at, true) === 70_000_000) view.setUint32(at, 1000, true)
  expect(await refusal(lying, 'notes.docx')).toBe('broken')
}, 60_000)

test('[XCH-2] hostile HTML brings its words and nothing else: nothing is run, fetched or kept', async () => {
  const hostile = `<html><head><base href="https://evil.example/"><link rel="stylesheet" href="https://evil.example/a.css"><script>globalThis.hit = 1</script></head>
    <body onload="globalThis.hit = 2"><img src="https://evil.example/x.png" onerror="globalThis.hit = 3"><p onclick="hit()" style="background:url(https://evil.example/y)">Fever</p>
    <iframe src="https://evil.example/"></iframe><svg><script>globalThis.hit = 4</script></svg><form action="https://evil.example/"><input name="q" autofocus onfocus="globalThis.hit = 5"></form>
    <a href="javascript:globalThis.hit=6">no link</a> <a href="https://example.org/">a link</a><math><mtext></mtext></math><object data="https://evil.example/z"></object></body></html>`
  const { blocks, notices } = await read(hostile)
  const said = JSON.stringify(tree(blocks))
  expect(said).not.toContain('evil')
  expect(said).not.toContain('hit')
  expect(said).toContain('"href":"https://example.org/"')
  expect(wordsOf(tree(blocks))).toContain('Fever')
  expect(notices).toContainEqual({ kind: 'images', count: 2 })
  expect(notices).toContainEqual({ kind: 'active', count: 6 })
  expect(Reflect.get(globalThis, 'hit')).toBeUndefined()
  expect(fetched).not.toHaveBeenCalled()
})

test('[XCH-2] a hostile Word file brings its words and nothing else', async () => {
  const link = '<w:p><w:hyperlink r:id="r7"><w:r><w:t>click</w:t></w:r></w:hyperlink></w:p>'
  const picture =
    '<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"><wp:docPr id="1" name="x"/><a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:blipFill><a:blip r:link="r8"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>'
  const relations =
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r7" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink" Target="javascript:alert(1)" TargetMode="External"/><Relationship Id="r8" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" Target="https://evil.example/x.png" TargetMode="External"/></Relationships>'
  const { blocks, notices } = await read(
    wordFile(wordParagraph('Fever &lt;script&gt;alert(1)&lt;/script&gt;') + link + picture, {
      'word/_rels/document.xml.rels': relations,
      'mammoth/style-map': 'p => script', // a file may bring its own rules for mammoth
    }),
  )
  expect(wordsOf(tree(blocks))).toContain('Fever <script>alert(1)</script> click')
  expect(JSON.stringify(tree(blocks))).not.toMatch(/javascript|evil/)
  expect(notices).toContainEqual({ kind: 'images', count: 1 })
  expect(fetched).not.toHaveBeenCalled()
})

test('[XCH-2] entities that multiply, and nesting without end, end in a message and not in a page that stands still', async () => {
  const laughs = Array.from({ length: 9 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join('')
  const document = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">${laughs}]><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>&l9;</w:t></w:r></w:p></w:body></w:document>`
  const laughing = await refusal(wordFile('', { 'word/document.xml': document })).catch(() => 'broken')
  expect([null, 'broken']).toContain(laughing)
  const deep = wordFile(`${'<w:tbl><w:tr><w:tc>'.repeat(2000)}${'</w:tc></w:tr></w:tbl>'.repeat(2000)}`)
  expect([null, 'broken']).toContain(await refusal(deep))
  expect(wordsOf(tree((await read(`<html>${'<div>'.repeat(600)}Fever`)).blocks)).trim()).toBe('Fever')
}, 60_000)

test('[XCH-2] what a Word file has and a record has not is counted', async () => {
  const body = `${wordParagraph('Fever')}<w:p><w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:commentReference w:id="1"/></w:r><w:del w:id="3"><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>`
  const notes = `<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:footnote w:id="2">${wordParagraph('Measured twice.')}</w:footnote></w:footnotes>`
  const relations =
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes" Target="footnotes.xml"/></Relationships>'
  const { blocks, notices } = await read(wordFile(body, { 'word/footnotes.xml': notes, 'word/_rels/document.xml.rels': relations }))
  expect(notices).toEqual([
    { kind: 'footnotes', count: 1 },
    { kind: 'comments', count: 1 },
    { kind: 'deletions', count: 1 },
  ])
  expect(wordsOf(tree(blocks))).toContain('Measured twice.')
  expect(wordsOf(tree(blocks))).not.toContain('gone')
})

const UMLAUTS = 'Übelkeit, Fieber 38,5 °C – seit drei Tagen. Ñandú.'

test.each([
  ['UTF-8', new TextEncoder().encode(UMLAUTS), null],
  ['UTF-8 with a mark', new TextEncoder().encode(`\ufeff${UMLAUTS}`), null],
  ['UTF-16 LE with a mark', utf16(`\ufeff${UMLAUTS}`, true), null],
  ['UTF-16 BE with a mark', utf16(`\ufeff${UMLAUTS}`, false), null],
  ['UTF-16 LE without one', utf16(`${UMLAUTS.replace('–', '-')} `, true), null],
  ['Windows-1252', bytes(...[...UMLAUTS].map((letter) => (letter === '–' ? 0x96 : letter.charCodeAt(0)))), { kind: 'encoding', count: 1 }],
])('[XCH-3] letters arrive as they were stored: %s', async (_, content, notice) => {
  const { blocks, notices } = await read(new Uint8Array(content), 'notes.txt')
  expect(wordsOf(tree(blocks)).replace(' - ', ' – ').trim()).toBe(UMLAUTS)
  expect(notices).toEqual(notice === null ? [] : [notice])
})

test('[XCH-3] an HTML file that declares how its letters are stored is believed', async () => {
  const page = bytes('<html><meta charset="iso-8859-2"><p>', 0xb3, 0xf3, 'd', 0xbc, '</p></html>')
  expect(wordsOf(tree((await read(page)).blocks)).trim()).toBe('łódź')
})

function utf16(text: string, little: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(text.length * 2))
  for (let at = 0; at < text.length; at += 1) view.setUint16(at * 2, text.charCodeAt(at), little)
  return new Uint8Array(view.buffer)
}

test('[XCH-2] raised numbers stay raised, and what is struck out does not become what is meant', async () => {
  const said = wordsOf(tree((await read('# Bloods\n\nPlatelets 288 × 10<sup>9</sup>/l, ~~no~~ rash.')).blocks))
  expect(said).toContain('10⁹/l')
  expect(said).not.toContain(', no rash')
})

test('[XCH-4] plain text keeps its lines, and its signs are only signs', async () => {
  const { blocks } = await read('1) Fever\n   since *Monday*\n\n\n<b>No</b> rash', 'notes.txt')
  expect(tree(blocks).map((block) => block.kind)).toEqual(['paragraph', 'paragraph'])
  expect(wordsOf(tree(blocks))).toBe('1) Fever    since *Monday* <b>No</b> rash')
})

test('[XCH-6] a file whose headings are the names of sections, in either language, is one of sections', async () => {
  const markdown = '# Case of the week\n\nFrom the ward round.\n\n## Summary\n\nFever.\n\n### Course\n\nDay 1\n\n## 2. Exploración física:\n\nRash.\n\n## Discussion\n\nOf nothing.\n\n## summary\n\nAlso cough.\n\n## Plan\n'
  const { parts, preface, isOurs } = await read(markdown)
  expect(isOurs).toBe(false)
  expect(parts.map(({ section }) => section)).toEqual(['summary', 'examination'])
  expect(tree(parts[0]?.blocks ?? []).map((block) => [block.kind, wordsOf([block])])).toEqual([
    ['paragraph', 'Fever.'],
    ['heading', 'Course'],
    ['paragraph', 'Day 1'],
    ['paragraph', 'Also cough.'],
  ])
  expect(wordsOf(tree(parts[1]?.blocks ?? []))).toBe('Rash. Discussion Of nothing.')
  expect(wordsOf(tree(preface))).toContain('From the ward round.')
})

test('[XCH-6] a file without such headings is one piece, and its headings become the two that a section has', async () => {
  const { parts, blocks } = await read('# Day 1\n\n## Morning\n\n### Bloods\n\nNormal.')
  expect(parts).toEqual([])
  expect(tree(blocks).map((block) => (block.kind === 'heading' ? block.level : block.kind))).toEqual([1, 2, 2, 'paragraph'])
})
