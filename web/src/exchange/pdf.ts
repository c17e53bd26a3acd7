/** A record as pdfmake lays it out. Text is set in the first font that has its letters; what none has is told. */
import type { Has } from './coverage'
import type { Report, ReportSection } from './report'
import { type Block, type Cell, gridOf, type Inline, wordsOf } from './tree'

export interface Fonts {
  readonly main: Has
  readonly more: Has
}

/** pdfmake's description of content; it has no types of its own that hold. */
export type Content = Readonly<Record<string, unknown>>

export interface Laid {
  readonly definition: Content
  /** Letters that no font has, or that would stand in the wrong order. */
  readonly missing: readonly string[]
  readonly usesMore: boolean
}

const ACCENT = '#0b6b6b'
const SOFT = '#50616e'
const LINE = '#cfd9e0'
const BOX = '\u25a1'
/** Scripts from right to left: pdfmake would set their words in the wrong order, which is worse than not at all. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u
/** Says how other letters are shown and has no look of its own. */
const UNSEEN = /[\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff\u{e0100}-\u{e01ef}]/gu
const HEADER_TITLE = 90
const KEPT_TOGETHER = 600

export function layOut(report: Report, fonts: Fonts): Laid {
  const setter = new Setter(fonts)
  const { title, mark, facts, members, sections, about, words } = report
  const content: Content[] = [
    { text: setter.runs(title), style: 'title', headlineLevel: 1 },
    factsTable(setter, facts.map(({ label, value }) => [label, value])),
    ...(members.length === 0 ? [] : [{ text: setter.runs(words.members), style: 'label' }, factsTable(setter, members.map(({ label, value }) => [label, value]))]),
    { stack: about.map((said) => ({ text: setter.runs(said) })), style: 'about' },
    ...(sections.length === 0 ? [{ text: setter.runs(words.nothing), italics: true }] : []),
    ...sections.flatMap((section) => sectionContent(setter, report, section)),
  ]
  const [said = ''] = about
  const footer = setter.runs(said)
  const short = setter.runs(title.length > HEADER_TITLE ? `${title.slice(0, HEADER_TITLE)}…` : title)
  const copy = setter.runs(words.copy)
  const definition: Content = {
    pageSize: 'A4',
    pageMargins: [56, 72, 56, 60],
    language: report.language,
    displayTitle: true,
    version: '1.7',
    info: { title, creator: 'Consilium', producer: 'Consilium' },
    content,
    header: () => ({
      margin: [56, 28, 56, 0],
      columns: [
        { width: 34, table: { widths: [26], body: [[{ text: mark.letters, color: '#ffffff', fillColor: mark.color, bold: true, alignment: 'center', margin: [0, 2, 0, 1] }]] }, layout: 'noBorders' },
        { width: '*', text: short, color: SOFT, fontSize: 9, margin: [0, 5, 12, 0] },
        { width: 'auto', text: copy, color: SOFT, fontSize: 9, margin: [0, 5, 0, 0] },
      ],
    }),
    footer: (page: number, pages: number) => ({
      margin: [56, 20, 56, 0],
      columns: [
        { width: '*', text: footer, color: SOFT, fontSize: 8 },
        { width: 'auto', text: setter.runs(words.page.replace('{page}', String(page)).replace('{pages}', String(pages))), color: SOFT, fontSize: 8 },
      ],
    }),
    defaultStyle: { font: 'Main', fontSize: 10.5, lineHeight: 1.25 },
    styles: {
      title: { fontSize: 18, bold: true, margin: [0, 0, 0, 10], lineHeight: 1.1 },
      label: { bold: true, color: SOFT, fontSize: 9.5, margin: [0, 8, 0, 2] },
      about: { color: SOFT, fontSize: 9, margin: [0, 10, 0, 4] },
      section: { fontSize: 14, bold: true, color: ACCENT, margin: [0, 16, 0, 6] },
      heading1: { fontSize: 11.5, bold: true, margin: [0, 8, 0, 3] },
      heading2: { fontSize: 10.5, bold: true, color: SOFT, margin: [0, 6, 0, 2] },
    },
  }
  return { definition, missing: [...setter.missing], usesMore: setter.usesMore }
}

function factsTable(setter: Setter, lines: readonly (readonly [string, string])[]): Content {
  if (lines.length === 0) return { text: '' }
  return {
    layout: 'noBorders',
    table: {
      widths: [130, '*'],
      body: lines.map(([label, value]) => [
        { text: setter.runs(label), color: SOFT, fontSize: 9.5 },
        { text: setter.runs(value) },
      ]),
    },
  }
}

/** A heading does not stand alone at the foot of a page: it stays with a short first block. */
function sectionContent(setter: Setter, report: Report, { title, blocks, note }: ReportSection): readonly Content[] {
  const heading = { text: setter.runs(title), style: 'section', outline: true, outlineText: title, headlineLevel: 2 }
  const notes = note === null ? [] : [{ text: setter.runs(note), italics: true, color: SOFT }]
  const made = blocks.map((block) => blockContent(setter, report, block, 0))
  const first = blocks[0]
  const stays = first !== undefined && first.kind !== 'table' && wordsOf([first]).length < KEPT_TOGETHER
  const [head = { text: '' }, ...rest] = made
  return stays ? [{ stack: [heading, ...notes, head], unbreakable: true }, ...rest] : [heading, ...notes, ...made]
}

function blockContent(setter: Setter, report: Report, block: Block, depth: number): Content {
  const inner = (blocks: readonly Block[]): Content => {
    const [only, ...others] = blocks.map((each) => blockContent(setter, report, each, depth + 1))
    return only !== undefined && others.length === 0 ? only : { stack: [...(only === undefined ? [] : [only]), ...others] }
  }
  switch (block.kind) {
    case 'paragraph':
      return { text: block.inlines.length === 0 ? ' ' : inlineRuns(setter, block.inlines), margin: [0, 0, 0, depth === 0 ? 5 : 2] }
    case 'heading':
      return { text: inlineRuns(setter, block.inlines), style: block.level === 1 ? 'heading1' : 'heading2' }
    case 'bullets':
      return { ul: block.items.map(inner), margin: [0, 0, 0, depth === 0 ? 5 : 2] }
    case 'numbers':
      return { ol: block.items.map(inner), start: block.start, margin: [0, 0, 0, depth === 0 ? 5 : 2] }
    case 'tasks':
      return {
        margin: [0, 0, 0, depth === 0 ? 5 : 2],
        stack: block.items.map(({ done, blocks }) => ({
          columns: [
            { width: 16, text: setter.runs(done ? '\u2611' : '\u2610') },
            { width: '*', ...inner(blocks) },
          ],
        })),
      }
    case 'table':
      return tableContent(block.rows, inner)
    default:
      return block satisfies never
  }
}

function tableContent(rows: readonly (readonly Cell[])[], inner: (blocks: readonly Block[]) => Content): Content {
  const grid = gridOf(rows)
  const width = grid[0]?.length ?? 0
  if (width === 0) return { text: '' }
  const isHeader = (row: readonly Cell[]): boolean => row.length > 0 && row.every((cell) => cell.isHeader)
  const headers = rows.findIndex((row) => !isHeader(row))
  return {
    margin: [0, 4, 0, 8],
    fontSize: width > 6 ? 8 : 9.5,
    layout: {
      hLineWidth: () => 0.5,
      vLineWidth: () => 0.5,
      hLineColor: () => LINE,
      vLineColor: () => LINE,
    },
    table: {
      headerRows: headers === -1 ? 0 : headers,
      keepWithHeaderRows: headers > 0 ? 1 : 0,
      widths: Array.from({ length: width }, () => '*'),
      body: grid.map((line) =>
        line.map((place) => {
          if (place === 'spanned') return { text: '' }
          const cell = inner(place.blocks)
          return { ...cell, colSpan: place.columns, rowSpan: place.rows, ...(place.isHeader ? { bold: true, fillColor: '#f5f8fa' } : {}) }
        }),
      ),
    },
  }
}

function inlineRuns(setter: Setter, inlines: readonly Inline[]): readonly Content[] {
  return inlines.flatMap((inline) => {
    if (inline.kind === 'break') return [{ text: '\n' }]
    if (inline.kind === 'mention') return setter.runs(`@${inline.name}`, { bold: true, color: ACCENT })
    const link = inline.href === null ? {} : { link: inline.href, color: ACCENT, decoration: 'underline' }
    return setter.runs(inline.text, { ...(inline.bold ? { bold: true } : {}), ...(inline.italic ? { italics: true } : {}), ...link }) // or a heading's bold would be taken back
  })
}

/** Cuts text where another font has to go on. */
class Setter {
  readonly missing = new Set<string>()
  usesMore = false
  readonly #fonts: Fonts

  constructor(fonts: Fonts) {
    this.#fonts = fonts
  }

  runs(text: string, look: Content = {}): readonly Content[] {
    const runs: { text: string; font: string }[] = []
    for (const letter of text.normalize('NFC').replace(UNSEEN, '')) {
      const [shown, font] = this.#place(letter)
      const last = runs.at(-1)
      if (last !== undefined && (last.font === font || shown === ' ')) last.text += shown
      else runs.push({ text: shown, font })
    }
    return runs.map((run) => ({ ...run, ...look }))
  }

  #place(letter: string): readonly [string, 'Main' | 'More'] {
    const code = letter.codePointAt(0) ?? 0
    if (RIGHT_TO_LEFT.test(letter)) {
      this.missing.add(letter)
      this.usesMore = true
      return [BOX, 'More']
    }
    if (this.#fonts.main(code)) return [letter, 'Main']
    this.usesMore = true
    if (this.#fonts.more(code)) return [letter, 'More']
    if (!/\s/u.test(letter)) {
      this.missing.add(letter)
      return [BOX, 'More']
    }
    return [' ', 'Main']
  }
}
