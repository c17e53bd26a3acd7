/** Arbitrary documents of the editor's schema, for properties. */
import type { Node } from '@tiptap/pm/model'
import fc from 'fast-check'
import { contentSchema } from '../../src/editor/extensions'
import { safeHref } from '../../src/editor/href'

export const schema = contentSchema()

export const MEMBERS = [
  { id: 'ada', name: 'Ada Lovelace', role: 'Lead' },
  { id: 'ravi', name: 'Ravi Ōnishi-Müller', role: 'Consultant' },
  { id: 'odd', name: "O'Brien_*Smith* <MD>", role: 'Observer' },
]

/** What trips readers of Markdown, and what clinicians write. */
const PIECES = [
  'room:', 'seen.',
  'fever', '38.5 °C', '1. ', '2) ', '- ', '+ ', '* ', '# ', '#', '> ', '***', '**', '_', '`', '``', '```', '~~', '|', '\\', '[x] ', '](', '<b>', '</p>', '&amp;', '&', '<!--',
  'https://example.org/a_b', 'www.example.org', 'ada@example.org', 'mailto:a', '---', '===', ':--', ' ', '  ', '\u00a0', '\u3000', 'ñ', '突然', '🫀', '@', '!', '[a]: b', '…', 'x\u0301',
]
const WORDS = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 4 })), { minLength: 1, maxLength: 4 })
  .map((pieces) => pieces.join(''))
  // A name of a member that was typed and not mentioned comes back as a mention where no word runs into it; no property of ours.
  .filter((text) => !/[\n\r\t]/.test(text) && !MEMBERS.some(({ name }) => text.includes(`@${name}`)))

const HREFS = ['https://example.org/', 'https://example.org/a?b=1&c=%20(x)', 'mailto:ada@example.org', 'https://example.org/a_b*c_d', 'http://xn--bcher-kva.example/~x#y']

const text = fc
  .record({ words: WORDS, bold: fc.boolean(), italic: fc.boolean(), href: fc.option(fc.constantFrom(...HREFS.map((href) => safeHref(href) ?? '')), { freq: 4 }) })
  .map(({ words, bold, italic, href }) => {
    const marks = [...(bold ? [schema.mark('bold')] : []), ...(italic ? [schema.mark('italic')] : []), ...(href === null ? [] : [schema.mark('link', { href })])]
    return schema.text(words, marks)
  })
const mention = fc.constantFrom(...MEMBERS).map(({ id, name }) => schema.node('mention', { id, label: name }))
const inline = fc.oneof({ weight: 6, arbitrary: text }, { weight: 1, arbitrary: mention }, { weight: 1, arbitrary: fc.constant(schema.node('hardBreak')) })
const inlines = fc.array(inline, { maxLength: 5 })

const paragraph = inlines.map((content) => schema.node('paragraph', null, content))
const heading = fc.tuple(fc.constantFrom(3, 4), inlines).map(([level, content]) => schema.node('heading', { level }, content))

const { block } = fc.letrec<{ block: Node }>((tie) => {
  const blocks = fc.array(tie('block'), { minLength: 1, maxLength: 3 })
  const lines = fc.oneof({ weight: 3, arbitrary: paragraph.map((each) => [each]) }, { weight: 1, arbitrary: blocks })
  const items = (name: string, attributes: fc.Arbitrary<object | null>): fc.Arbitrary<Node[]> =>
    fc.array(fc.tuple(attributes, lines).map(([attrs, content]) => schema.node(name, { ...attrs }, content)), { minLength: 1, maxLength: 3 })
  const row = (name: string, width: number): fc.Arbitrary<Node> =>
    fc.array(lines.map((content) => schema.node(name, null, content)), { minLength: width, maxLength: width }).map((cells) => schema.node('tableRow', null, cells))
  const grid = fc.integer({ min: 1, max: 3 }).chain((width) => fc.tuple(row('tableHeader', width), fc.array(row('tableCell', width), { maxLength: 2 })))
  const wide = lines.map((content) => schema.node('tableRow', null, [schema.node('tableHeader', { colspan: 2 }, content)]))
  return {
    block: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      paragraph,
      heading,
      items('listItem', fc.constant(null)).map((content) => schema.node('bulletList', null, content)),
      fc.tuple(fc.integer({ min: 0, max: 12 }), items('listItem', fc.constant(null))).map(([start, content]) => schema.node('orderedList', { start }, content)),
      items('taskItem', fc.boolean().map((checked) => ({ checked }))).map((content) => schema.node('taskList', null, content)),
      grid.map(([head, rows]) => schema.node('table', null, [head, ...rows])),
      fc.tuple(wide, row('tableCell', 2)).map(([head, cells]) => schema.node('table', null, [head, cells])),
    ),
  }
})

/** A section's document. */
export const section = fc.array(block, { minLength: 1, maxLength: 5 }).map((blocks) => schema.node('doc', null, blocks))
