// @vitest-environment jsdom
import type { Node } from '@tiptap/pm/model'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { clean } from '../../src/editor/clean'
import { blocksFrom, resolveMentions } from '../../src/exchange/blocks'
import { htmlFromMarkdown } from '../../src/exchange/fromMarkdown'
import { markdownOf } from '../../src/exchange/markdown'
import { treeOf } from '../../src/exchange/treeOf'
import { MEMBERS, schema, section } from './records'

function back(markdown: string): Node {
  const { body } = clean(htmlFromMarkdown(markdown, MEMBERS.map(({ name }) => name)), { isMember: () => true, isExact: true, below: 2 })
  resolveMentions(body, MEMBERS)
  return schema.topNodeType.create(null, [...blocksFrom(body, schema, true)]) // also without a block
}

test('[XCH-5] what is written as Markdown and read again is the same, for all that the editor knows', () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(section, (doc) => {
      doc.descendants((node) => {
        seen.add(node.type.name)
        for (const { type } of node.marks) seen.add(type.name)
      })
      const blocks = treeOf(doc)
      const markdown = markdownOf(blocks)
      expect(treeOf(back(markdown)), markdown).toEqual(blocks)
    }),
    { numRuns: 120 },
  )
  // A figure is of its case's gallery: elsewhere it is words.
  const known = [...Object.keys(schema.nodes), ...Object.keys(schema.marks)].filter((name) => !['doc', 'figure'].includes(name))
  expect([...seen].sort()).toEqual(known.sort())
}, 60_000)

test('[GAL-9] a figure is exported as its words, and comes back as words', () => {
  const figure = schema.node('figure', { media: 'abcdefghijklmnop', label: 'CT, arterial [phase]' })
  const blocks = treeOf(schema.node('doc', null, [figure]))
  expect(markdownOf(blocks)).toContain('Figure: CT, arterial')
  expect(back(markdownOf(blocks)).textContent).toBe('[Figure: CT, arterial [phase]]')
})
