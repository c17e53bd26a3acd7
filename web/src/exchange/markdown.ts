/** Blocks as Markdown. What Markdown cannot say (an empty paragraph, a table in a list) is HTML in it, as Markdown allows. */
import { htmlOf } from './html'
import { inlineMarkdown } from './inlineMarkdown'
import type { Block, Cell, Inline } from './tree'

/** The first heading inside a section: the section's own has two. */
const FIRST_LEVEL = 3

type List = Extract<Block, { kind: 'bullets' | 'numbers' | 'tasks' }>

export function markdownOf(blocks: readonly Block[]): string {
  return joined(blocks, '\n\n')
}

/** Lists side by side would become one: each begins with another sign than the one before it. */
function joined(blocks: readonly Block[], gap: string): string {
  let before = ''
  return blocks
    .map((block) => {
      const sign = signOf(block, before)
      before = sign
      return blockMarkdown(block, sign)
    })
    .join(gap)
}

function signOf(block: Block, before: string): string {
  if (block.kind === 'numbers') return before === '.' ? ')' : '.'
  if (block.kind === 'bullets' || block.kind === 'tasks') return before === '-' ? '*' : '-'
  return ''
}

function blockMarkdown(block: Block, sign: string): string {
  switch (block.kind) {
    case 'paragraph':
      return saysSomething(block.inlines) ? inlineMarkdown(block.inlines, 'line') : htmlOf([block])
    case 'heading':
      return saysSomething(block.inlines) ? `${'#'.repeat(FIRST_LEVEL + block.level - 1)} ${inlineMarkdown(block.inlines, 'heading')}` : htmlOf([block])
    case 'bullets':
    case 'numbers':
    case 'tasks':
      return isPlainList(block) ? list(block, sign) : htmlOf([block])
    case 'table':
      return isPlainTable(block.rows) ? table(block.rows) : htmlOf([block])
    default:
      return block satisfies never
  }
}

function saysSomething(inlines: readonly Inline[]): boolean {
  return inlines.some((inline) => inline.kind === 'mention' || (inline.kind === 'text' && inline.text.trim() !== ''))
}

function itemsOf(block: List): readonly (readonly Block[])[] {
  return block.kind === 'tasks' ? block.items.map(({ blocks }) => blocks) : block.items
}

function isPlainList(block: List): boolean {
  if (block.kind === 'numbers' && block.start + block.items.length > 999_999_999) return false
  return itemsOf(block).every(
    ([first, ...rest]) => first?.kind === 'paragraph' && saysSomething(first.inlines) && !isIndented(first.inlines) && rest.every(isPlain),
  )
}

/** White space at the start of an item or a cell would not be taken for text. */
function isIndented([first]: readonly Inline[]): boolean {
  return first?.kind === 'text' && /^\s/u.test(first.text)
}

function isPlain(block: Block): boolean {
  if (block.kind === 'paragraph' || block.kind === 'heading') return saysSomething(block.inlines)
  return block.kind === 'table' ? false : isPlainList(block)
}

/** Tight where each item is a line, with lists below it. */
function isTight(block: List): boolean {
  return itemsOf(block).every(([, ...rest]) =>
    rest.every((each) => (each.kind === 'bullets' || each.kind === 'tasks' || (each.kind === 'numbers' && each.start === 1)) && isTight(each)),
  )
}

function list(block: List, sign: string): string {
  const gap = isTight(block) ? '\n' : '\n\n'
  return itemsOf(block)
    .map((blocks, index) => {
      const marker = block.kind === 'numbers' ? `${block.start + index}${sign} ` : `${sign} `
      const box = block.kind === 'tasks' ? `[${block.items[index]?.done === true ? 'x' : ' '}] ` : ''
      const indent = ' '.repeat(marker.length)
      return marker + box + joined(blocks, gap).replace(/\n(?=[^\n])/g, `\n${indent}`)
    })
    .join(gap)
}

/** A row of headers, then rows of cells, each of one line. */
function isPlainTable(rows: readonly (readonly Cell[])[]): boolean {
  const width = rows[0]?.length ?? 0
  return rows.every((row, y) =>
    row.length === width && row.every((cell) => cell.isHeader === (y === 0) && cell.columns === 1 && cell.rows === 1 && isLine(cell.blocks)),
  )
}

function isLine([first, ...rest]: readonly Block[]): boolean {
  return first?.kind === 'paragraph' && rest.length === 0 && !isIndented(first.inlines)
}

function table(rows: readonly (readonly Cell[])[]): string {
  const lines = rows.map((row) => `| ${row.map(cellLine).join(' | ')} |`)
  const rule = `| ${(rows[0] ?? []).map(() => '---').join(' | ')} |`
  return [lines[0], rule, ...lines.slice(1)].join('\n')
}

function cellLine({ blocks: [block] }: Cell): string {
  return block?.kind === 'paragraph' ? inlineMarkdown(block.inlines, 'cell') : ''
}
