/** Blocks as HTML on one line: what Markdown has no words for stands in a Markdown file as this. */
import { HEADING_LEVELS } from '../sections'
import type { Block, Cell, Inline } from './tree'

export function htmlOf(blocks: readonly Block[]): string {
  return blocks.map(blockHtml).join('')
}

function blockHtml(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return `<p>${inlinesHtml(block.inlines)}</p>`
    case 'heading': {
      const tag = `h${HEADING_LEVELS[0] + block.level - 1}`
      return `<${tag}>${inlinesHtml(block.inlines)}</${tag}>`
    }
    case 'bullets':
      return `<ul>${block.items.map((item) => `<li>${htmlOf(item)}</li>`).join('')}</ul>`
    case 'numbers':
      return `<ol${block.start === 1 ? '' : ` start="${block.start}"`}>${block.items.map((item) => `<li>${htmlOf(item)}</li>`).join('')}</ol>`
    case 'tasks':
      return `<ul data-type="taskList">${block.items.map(({ done, blocks }) => `<li data-type="taskItem" data-checked="${done}"><div>${htmlOf(blocks)}</div></li>`).join('')}</ul>`
    case 'table':
      return `<table>${block.rows.map((row) => `<tr>${row.map(cellHtml).join('')}</tr>`).join('')}</table>`
    default:
      return block satisfies never
  }
}

function cellHtml({ isHeader, columns, rows, blocks }: Cell): string {
  const tag = isHeader ? 'th' : 'td'
  const spans = `${columns === 1 ? '' : ` colspan="${columns}"`}${rows === 1 ? '' : ` rowspan="${rows}"`}`
  return `<${tag}${spans}>${htmlOf(blocks)}</${tag}>`
}

function inlinesHtml(inlines: readonly Inline[]): string {
  return inlines
    .map((inline) => {
      if (inline.kind === 'break') return '<br>'
      if (inline.kind === 'mention') return mentionHtml(inline.name)
      let html = escapeHtml(inline.text)
      if (inline.italic) html = `<em>${html}</em>`
      if (inline.bold) html = `<strong>${html}</strong>`
      return inline.href === null ? html : `<a href="${escapeHtml(inline.href)}">${html}</a>`
    })
    .join('')
}

/** Without the person's id: it means nothing elsewhere. Whoever is a member here is found again by name. */
export function mentionHtml(name: string): string {
  return `<span data-type="mention" data-label="${escapeHtml(name)}">@${escapeHtml(name)}</span>`
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** White space that is not one simple space, as an entity: readers of Markdown trim and fold the rest. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => ENTITIES[letter] ?? letter).replace(/[^\S ]/gu, entity)
}

export function entity(letter: string): string {
  return `&#${letter.codePointAt(0) ?? 32};`
}
