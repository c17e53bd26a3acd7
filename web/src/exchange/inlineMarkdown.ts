/** Inline text as Markdown (CommonMark 0.31 with GitHub's tables, tasks and links): read back, it is the same text. */
import { entity, escapeHtml, mentionHtml } from './html'
import type { Inline } from './tree'

type Words = Extract<Inline, { kind: 'text' }>

/** `line`: breaks are lines of their own; `cell` and `heading` have one line. */
export type Where = 'line' | 'heading' | 'cell'

const SIMPLE_HREF = /^[\w\-.~:/?#@!$'()*+,;=%]+$/
const BARE_HREF = /^(?:https?:\/\/|mailto:)[\w\-.~:/?#@!$'()*+,;=%]+$/

export function inlineMarkdown(inlines: readonly Inline[], where: Where): string {
  let out = ''
  for (let at = 0; at < inlines.length; ) {
    const inline = inlines[at]
    if (inline === undefined) break
    if (inline.kind === 'text' && inline.href !== null) {
      const end = inlines.findIndex((each, index) => index > at && !(each.kind === 'text' && each.href === inline.href))
      const linked = inlines.slice(at, end === -1 ? inlines.length : end)
      out += link(inline.href, linked, out, edges(inlines, at, at + linked.length), where)
      at += linked.length
      continue
    }
    out += one(inline, out, inlines, at, where)
    at += 1
  }
  return out
}

interface Edges {
  readonly start: boolean
  readonly end: boolean
}

/** Whether a piece begins or ends its line. */
function edges(inlines: readonly Inline[], from: number, to: number): Edges {
  const [before, after] = [inlines[from - 1], inlines[to]]
  return { start: before === undefined || before.kind === 'break', end: after === undefined || after.kind === 'break' }
}

function one(inline: Inline, before: string, inlines: readonly Inline[], at: number, where: Where): string {
  const next = inlines[at + 1]
  if (inline.kind === 'break') {
    const follows = next?.kind === 'mention' || (next?.kind === 'text' && next.text.trim() !== '')
    return where === 'line' && follows && before !== '' && !before.endsWith('<br>') ? '\\\n' : '<br>'
  }
  if (inline.kind === 'mention') {
    const last = inlines[at - 1]
    const runsOn = (next?.kind === 'text' && /^[\p{L}\p{N}]/u.test(next.text)) || (last?.kind === 'text' && /[\p{L}\p{N}]$/u.test(last.text))
    const isPlain = /^[\p{L}\p{N} .'’-]+$/u.test(inline.name) && inline.name.trim() === inline.name && !/ {2}/.test(inline.name)
    return isPlain && !runsOn ? `@${inline.name}` : mentionHtml(inline.name)
  }
  return words(inline, before, edges(inlines, at, at + 1), where, next?.kind === 'text' ? next.text : '')
}

function link(href: string, linked: readonly Inline[], before: string, around: Edges, where: Where): string {
  const texts = linked.filter((each): each is Words => each.kind === 'text')
  const first = texts[0]
  if (texts.length === 1 && first !== undefined && first.text === href && !first.bold && !first.italic && BARE_HREF.test(href)) return `<${href}>`
  const isSimple = SIMPLE_HREF.test(href) && texts.every(({ text }) => !/[[\]]/.test(text)) // readers differ in brackets within brackets
  let inside = ''
  texts.forEach((text, index) => {
    const here = { start: around.start && index === 0, end: around.end && index === texts.length - 1 }
    inside += words(text, inside === '' ? `${before}[` : inside, here, where)
  })
  return isSimple ? `[${inside}](<${href}>)` : `<a href="${escapeHtml(href)}">${inside}</a>`
}

function words({ text, bold, italic }: Words, before: string, { start, end }: Edges, where: Where, after = 'x'): string {
  const said = escaped(text, start, end, where, before)
  if (!bold && !italic) return said
  // Stars say it where letters stand at both of their ends, or a sign before a space; the rest is a matter of taste among readers.
  const ends = /[\p{L}\p{N}]$/u.test(text) || (/[.:;,!?)%]$/.test(text) && /^(?: |$)/.test(after))
  if (/^[\p{L}\p{N}]/u.test(text) && ends && !/[*<>]$/.test(before)) {
    const stars = '*'.repeat((bold ? 2 : 0) + (italic ? 1 : 0))
    return `${stars}${said}${stars}`
  }
  const inner = italic ? `<em>${said}</em>` : said
  return bold ? `<strong>${inner}</strong>` : inner
}

function escaped(text: string, start: boolean, end: boolean, where: Where, before: string): string {
  let out = text
    .replace(where === 'heading' ? /[\\`*_[\]<>&~@#]/g : /[\\`*_[\]<>&~@]/g, '\\$&')
    .replace(/\|/g, where === 'cell' ? '&#124;' : '\\|')
    .replace(/!$/, '\\!') // a link after it would be a picture
    .replace(/:(?=\/\/)/g, '\\:') // or readers make links of what was none
    .replace(/(www)\./gi, '$1\\.')
    .replace(/(mailto|xmpp):/gi, '$1\\:')
    .replace(/[^\S ]/gu, entity)
  if (start && (before === '' || before.endsWith('\n') || before.endsWith('['))) out = lineStart(out)
  if (start) out = out.replace(/^ +/, (spaces) => '&#32;'.repeat(spaces.length))
  if (end) out = out.replace(/ +$/, (spaces) => '&#32;'.repeat(spaces.length))
  return out
}

/** What at the start of a line would be a list, a heading, a rule or the underline of one. */
function lineStart(text: string): string {
  return text.replace(/^[#+\-=:|]/, '\\$&').replace(/^(\d{1,9})([.)])(?=\s|&|$)/, '$1\\$2')
}
