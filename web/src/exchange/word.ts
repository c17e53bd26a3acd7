/** A record as a Word document, with Word's own headings, lists, tables, links and boxes: a screen reader finds its way in it. */
import {
  AlignmentType,
  BorderStyle,
  CheckBox,
  Document,
  ExternalHyperlink,
  Footer,
  Header,
  HeadingLevel,
  type ILevelsOptions,
  LevelFormat,
  LineRuleType,
  Packer,
  PageNumber,
  Paragraph,
  type ParagraphChild,
  ShadingType,
  Table,
  TableCell,
  TableRow,
  Tab,
  TabStopType,
  TextRun,
  WidthType,
} from 'docx'
import type { Report } from './report'
import { type Block, type Cell, gridOf, type Inline } from './tree'

const ACCENT = '0B6B6B'
const SOFT = '50616E'
const LINE = 'CFD9E0'
/** In twentieths of a point: 11906 × 16838 is A4. */
const PAGE = { width: 11_906, height: 16_838, margin: 1134 }
const TEXT_WIDTH = PAGE.width - 2 * PAGE.margin
const STEP = 360
const LEVELS = 9

type Child = Paragraph | Table

export function wordReport(report: Report): Promise<ArrayBuffer> {
  const writer = new Writer(report)
  const children = writer.body()
  const said = report.about[0] ?? ''
  const document = new Document({
    title: report.title,
    creator: 'Consilium',
    lastModifiedBy: 'Consilium',
    description: report.about.join(' '),
    styles: {
      default: {
        document: { run: { font: 'Arial', size: 21, language: { value: report.language } }, paragraph: { spacing: { after: 100, line: 276, lineRule: LineRuleType.AUTO } } },
        title: { run: { size: 36, bold: true }, paragraph: { spacing: { before: 120, after: 160, line: 264, lineRule: LineRuleType.AUTO } } },
        heading1: { run: { size: 28, bold: true, color: ACCENT }, paragraph: { spacing: { before: 320, after: 100 }, keepNext: true } },
        heading2: { run: { size: 24, bold: true }, paragraph: { spacing: { before: 200, after: 60 }, keepNext: true } },
        heading3: { run: { size: 21, bold: true, color: SOFT }, paragraph: { spacing: { before: 160, after: 60 }, keepNext: true } },
        listParagraph: { paragraph: { spacing: { after: 60 } } },
      },
    },
    numbering: { config: writer.numbering() },
    sections: [
      {
        properties: { page: { size: { width: PAGE.width, height: PAGE.height }, margin: { top: PAGE.margin, bottom: PAGE.margin, left: PAGE.margin, right: PAGE.margin } } },
        headers: {
          default: new Header({
            children: [
              new Paragraph({
                tabStops: [{ type: TabStopType.RIGHT, position: TEXT_WIDTH }],
                children: [
                  new TextRun({ text: ` ${report.mark.letters} `, bold: true, color: 'FFFFFF', shading: { type: ShadingType.CLEAR, fill: report.mark.color.slice(1) } }),
                  soft(`  ${report.title.slice(0, 90)}`),
                  new TextRun({ children: [new Tab(), report.words.copy], size: 18, color: SOFT }),
                ],
              }),
            ],
          }),
        },
        footers: {
          default: new Footer({
            children: [new Paragraph({ tabStops: [{ type: TabStopType.RIGHT, position: TEXT_WIDTH }], children: [soft(said), new TextRun({ children: pageWords(report.words.page), size: 18, color: SOFT })] })],
          }),
        },
        children,
      },
    ],
  })
  return Packer.toArrayBuffer(document)
}

function soft(text: string): TextRun {
  return new TextRun({ text, size: 18, color: SOFT })
}

/** The words around the two numbers, with Word's own fields in their places. */
function pageWords(words: string): (string | Tab | (typeof PageNumber)[keyof typeof PageNumber])[] {
  const parts = words.split(/(\{pages?\})/).filter((part) => part !== '')
  return [new Tab(), ...parts.map((part) => (part === '{page}' ? PageNumber.CURRENT : part === '{pages}' ? PageNumber.TOTAL_PAGES : part))]
}

interface Item {
  readonly reference: string
  readonly instance: number
  readonly level: number
}

class Writer {
  readonly #report: Report
  readonly #starts = new Set<number>()
  #lists = 0

  constructor(report: Report) {
    this.#report = report
  }

  body(): Child[] {
    const { title, facts, members, about, sections, words } = this.#report
    return [
      new Paragraph({ heading: HeadingLevel.TITLE, children: [new TextRun(title)] }),
      this.#facts(facts.map(({ label, value }) => [label, value])),
      new Paragraph({ spacing: { before: 160, after: 40 }, keepNext: true, children: [new TextRun({ text: words.members, bold: true, color: SOFT })] }),
      ...(members.length === 0 ? [] : [this.#facts(members.map(({ label, value }) => [label, value]))]),
      ...about.map((said, index) => new Paragraph({ spacing: { before: index === 0 ? 160 : 0, after: 20 }, children: [soft(said)] })),
      ...(sections.length === 0 ? [new Paragraph({ children: [new TextRun({ text: words.nothing, italics: true })] })] : []),
      ...sections.flatMap(({ title: name, blocks, note }) => [
        new Paragraph({ heading: HeadingLevel.HEADING_1, children: [new TextRun(name)] }),
        ...(note === null ? [] : [new Paragraph({ children: [new TextRun({ text: note, italics: true, color: SOFT })] })]),
        ...this.#blocks(blocks, 0),
      ]),
    ]
  }

  numbering(): { reference: string; levels: ILevelsOptions[] }[] {
    const levels = (make: (level: number) => Pick<ILevelsOptions, 'format' | 'text' | 'start'>): ILevelsOptions[] =>
      Array.from({ length: LEVELS }, (_, level) => ({
        level,
        alignment: AlignmentType.LEFT,
        style: { paragraph: { indent: { left: STEP * (level + 1), hanging: STEP } } },
        ...make(level),
      }))
    const bullets = { reference: 'bullets', levels: levels((level) => ({ format: LevelFormat.BULLET, text: level % 2 === 0 ? '•' : '◦' })) }
    const numbers = [...this.#starts].map((start) => ({
      reference: `numbers-${start}`,
      levels: levels((level) => ({ format: LevelFormat.DECIMAL, text: `%${level + 1}.`, start })),
    }))
    return [bullets, ...numbers]
  }

  #blocks(blocks: readonly Block[], depth: number, first: Item | null = null): Child[] {
    return blocks.flatMap((block, index) => this.#block(block, depth, index === 0 ? first : null))
  }

  /** `item`: the block begins an item of a list, whose sign it carries. */
  #block(block: Block, depth: number, item: Item | null): Child[] {
    const placed = item === null ? { indent: { left: STEP * depth } } : { numbering: item }
    switch (block.kind) {
      case 'paragraph':
        return [new Paragraph({ ...placed, children: runsOf(block.inlines) })]
      case 'heading':
        return [new Paragraph({ ...placed, heading: block.level === 1 ? HeadingLevel.HEADING_2 : HeadingLevel.HEADING_3, children: runsOf(block.inlines) })]
      case 'bullets':
        return this.#items('bullets', block.items, depth)
      case 'numbers':
        this.#starts.add(block.start)
        return this.#items(`numbers-${block.start}`, block.items, depth)
      case 'tasks':
        return block.items.flatMap(({ done, blocks: [head, ...rest] }) => {
          const inlines = head?.kind === 'paragraph' ? head.inlines : []
          const box = new CheckBox({ checked: done, alias: done ? this.#report.words.done : this.#report.words.open, checkedState: { value: '2611', font: 'MS Gothic' }, uncheckedState: { value: '2610', font: 'MS Gothic' } })
          const line = new Paragraph({ indent: { left: STEP * (depth + 1), hanging: STEP }, children: [box, new TextRun(' '), ...runsOf(inlines)] })
          return [line, ...this.#blocks(head?.kind === 'paragraph' || head === undefined ? rest : [head, ...rest], depth + 1)]
        })
      case 'table':
        return [this.#table(block.rows, depth), new Paragraph({ spacing: { after: 0, line: 160, lineRule: LineRuleType.EXACT } })]
      default:
        return block satisfies never
    }
  }

  #items(reference: string, items: readonly (readonly Block[])[], depth: number): Child[] {
    const instance = (this.#lists += 1) // each list counts for itself
    return items.flatMap((blocks) => this.#blocks(blocks, depth + 1, { reference, instance, level: Math.min(depth, LEVELS - 1) }))
  }

  #table(rows: readonly (readonly Cell[])[], depth: number): Table {
    const grid = gridOf(rows)
    const width = Math.max(1, grid[0]?.length ?? 1)
    const border = { style: BorderStyle.SINGLE, size: 4, color: LINE }
    return new Table({
      width: { size: TEXT_WIDTH - STEP * depth, type: WidthType.DXA },
      indent: { size: STEP * depth, type: WidthType.DXA },
      columnWidths: Array.from({ length: width }, () => Math.floor((TEXT_WIDTH - STEP * depth) / width)),
      borders: { top: border, bottom: border, left: border, right: border, insideHorizontal: border, insideVertical: border },
      rows: grid.map((line, index) => {
        const cells = line.filter((place) => place !== 'spanned')
        return new TableRow({
          tableHeader: index === 0 && cells.length > 0 && cells.every((cell) => cell.isHeader),
          children: cells.map((cell) => this.#cell(cell)),
        })
      }),
    })
  }

  #cell({ isHeader, columns, rows, blocks }: Cell): TableCell {
    const children = this.#blocks(blocks, 0)
    return new TableCell({
      columnSpan: columns,
      rowSpan: rows,
      ...(isHeader ? { shading: { type: ShadingType.CLEAR, fill: 'EDF1F4' } } : {}),
      margins: { top: 40, bottom: 40, left: 80, right: 80 },
      children: children.at(-1) instanceof Paragraph ? children : [...children, new Paragraph('')], // Word wants a paragraph at a cell's end
    })
  }

  #facts(lines: readonly (readonly [string, string])[]): Table {
    const none = { style: BorderStyle.NONE, size: 0, color: 'auto' }
    const cell = (text: string, size: number, color: string | null): TableCell =>
      new TableCell({ width: { size, type: WidthType.DXA }, children: [new Paragraph({ spacing: { after: 40 }, children: [new TextRun({ text, ...(color === null ? {} : { color }) })] })] })
    return new Table({
      width: { size: TEXT_WIDTH, type: WidthType.DXA },
      columnWidths: [2800, TEXT_WIDTH - 2800],
      borders: { top: none, bottom: none, left: none, right: none, insideHorizontal: none, insideVertical: none },
      rows: lines.map(([label, value]) => new TableRow({ children: [cell(label, 2800, SOFT), cell(value, TEXT_WIDTH - 2800, null)] })),
    })
  }
}

function runsOf(inlines: readonly Inline[]): ParagraphChild[] {
  return inlines.map((inline) => {
    if (inline.kind === 'break') return new TextRun({ break: 1 })
    if (inline.kind === 'mention') return new TextRun({ text: `@${inline.name}`, bold: true, color: ACCENT })
    const { text, href } = inline
    const look = { text, ...(inline.bold ? { bold: true } : {}), ...(inline.italic ? { italics: true } : {}) } // `false` would take back a heading's
    return href === null ? new TextRun(look) : new ExternalHyperlink({ link: href, children: [new TextRun({ ...look, style: 'Hyperlink' })] })
  })
}
