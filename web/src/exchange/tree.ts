/** What a section says as a small tree, without an editor: what every kind of exported file is written from. */
export type Inline =
  | { readonly kind: 'text'; readonly text: string; readonly bold: boolean; readonly italic: boolean; readonly href: string | null }
  | { readonly kind: 'mention'; readonly name: string }
  | { readonly kind: 'break' }

export interface Cell {
  readonly isHeader: boolean
  readonly columns: number
  readonly rows: number
  readonly blocks: readonly Block[]
}

export type Block =
  | { readonly kind: 'paragraph'; readonly inlines: readonly Inline[] }
  /** `level` counts from the section's own heading: 1 stands just below it. */
  | { readonly kind: 'heading'; readonly level: number; readonly inlines: readonly Inline[] }
  | { readonly kind: 'bullets'; readonly items: readonly (readonly Block[])[] }
  | { readonly kind: 'numbers'; readonly start: number; readonly items: readonly (readonly Block[])[] }
  | { readonly kind: 'tasks'; readonly items: readonly Task[] }
  | { readonly kind: 'table'; readonly rows: readonly (readonly Cell[])[] }

export interface Task {
  readonly done: boolean
  readonly blocks: readonly Block[]
}

/** No file format that we write can hold control characters, and a line end inside a text is a space. */
export function printable(text: string): string {
  return text.replace(/[\n\r\t\u2028\u2029]/g, ' ').replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, '')
}

/** The words of blocks, without any form. */
export function wordsOf(blocks: readonly Block[]): string {
  return blocks
    .map((block) => {
      switch (block.kind) {
        case 'paragraph':
        case 'heading':
          return block.inlines.map((inline) => (inline.kind === 'text' ? inline.text : inline.kind === 'mention' ? `@${inline.name}` : ' ')).join('')
        case 'bullets':
        case 'numbers':
          return block.items.map(wordsOf).join(' ')
        case 'tasks':
          return block.items.map((item) => wordsOf(item.blocks)).join(' ')
        case 'table':
          return block.rows.flat().map((cell) => wordsOf(cell.blocks)).join(' ')
        default:
          return block satisfies never
      }
    })
    .join(' ')
}

/** A table without gaps: every place of the grid is a cell, a part of one that spans it, or empty. */
export type Place = Cell | 'spanned'

export function gridOf(rows: readonly (readonly Cell[])[]): readonly (readonly Place[])[] {
  const grid: Place[][] = rows.map(() => [])
  rows.forEach((row, y) => {
    let x = 0
    for (const cell of row) {
      while (grid[y]?.[x] !== undefined) x += 1
      const height = Math.min(cell.rows, rows.length - y)
      for (let down = 0; down < height; down += 1) {
        for (let right = 0; right < cell.columns; right += 1) {
          const line = grid[y + down]
          if (line !== undefined && line[x + right] === undefined) line[x + right] = down === 0 && right === 0 ? { ...cell, rows: height } : 'spanned'
        }
      }
      x += cell.columns
    }
  })
  const width = Math.max(0, ...grid.map((line) => line.length))
  const empty: Cell = { isHeader: false, columns: 1, rows: 1, blocks: [] }
  return grid.map((line) => Array.from({ length: width }, (_, x) => line[x] ?? empty))
}
