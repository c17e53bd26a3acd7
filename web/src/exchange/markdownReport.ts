/** A record as a Markdown file. */
import { escapeHtml } from './html'
import { inlineMarkdown } from './inlineMarkdown'
import { markdownOf } from './markdown'
import type { Report } from './report'
import { OUR_SIGN } from './sign'
import type { Inline } from './tree'

export function markdownReport(report: Report): string {
  const { title, facts, members, sections, about, words } = report
  const parts = [
    OUR_SIGN,
    `# ${line(title)}`,
    facts.map(({ label, value }) => `- **${line(label)}:** ${line(value)}`).join('\n'),
    `**${line(words.members)}**`,
    members.map(({ label, value }) => `- ${line(label)}: ${line(value)}`).join('\n'),
    about.map((said) => `*${line(said)}*`).join('\\\n'),
    ...(sections.length === 0 ? [`*${line(words.nothing)}*`] : []),
    ...sections.flatMap(({ title: name, blocks, note }) => [`## ${line(name)}`, ...(note === null ? [] : [`<!-- ${escapeHtml(note).replace(/-{2,}/g, '-')} -->`]), markdownOf(blocks)]),
  ]
  return `${parts.join('\n\n')}\n`
}

function line(text: string): string {
  const said: Inline = { kind: 'text', text, bold: false, italic: false, href: null }
  return inlineMarkdown([said], 'heading')
}
