/** Foreign blocks in the form that ours have: two levels of headings, tasks, header rows, nothing blank between them. */
import { isBlank, rename } from './elements'

/** The levels in use, highest first, become our two. */
export function takeHeadings(body: HTMLElement, below?: number): void {
  for (const title of body.querySelectorAll('p.MsoTitle')) rename(title, 'h1')
  const found = [...body.querySelectorAll('h1,h2,h3,h4,h5,h6')]
  const first = below === undefined ? Math.min(...found.map(({ tagName }) => Number(tagName[1]))) : below + 1
  for (const heading of found) rename(heading, Number(heading.tagName[1]) <= first ? 'H3' : 'H4')
}

/** A caption is no part of our tables: it stands before its table. */
export function takeCaptions(body: HTMLElement): void {
  for (const caption of body.querySelectorAll('table > caption')) caption.closest('table')?.before(caption)
}

/** Word and Google know no header cells: a first row that is bold throughout is meant as one. */
export function takeHeaderRows(body: HTMLElement): void {
  for (const table of body.querySelectorAll('table')) {
    const row = table.querySelector('tr')
    if (row === null || table.querySelector('th') !== null || table.rows.length < 2) continue
    const cells = [...row.children]
    if (cells.every(isBlank) || !cells.every((cell) => isBlank(cell) || isBold(cell))) continue
    for (const cell of cells) rename(cell, 'th')
  }
}

function isBold(cell: Element): boolean {
  const rest = cell.cloneNode(true)
  if (!(rest instanceof Element)) return false
  for (const bold of rest.querySelectorAll('b,strong')) bold.remove()
  return isBlank(rest)
}

/** Lists of boxes, as Markdown, Google Docs and other editors write them. */
export function takeTicks(body: HTMLElement): void {
  for (const item of body.querySelectorAll('li[role="checkbox"]')) {
    item.querySelector('img')?.remove() // the box is drawn
    item.setAttribute('data-type', 'taskItem')
    item.setAttribute('data-checked', String(item.getAttribute('aria-checked') === 'true'))
  }
  for (const box of body.querySelectorAll('li input[type="checkbox"]')) {
    const item = box.closest('li')
    if (item !== null && !item.hasAttribute('data-type')) {
      item.setAttribute('data-type', 'taskItem')
      item.setAttribute('data-checked', String(box.hasAttribute('checked')))
    }
    const label = box.parentElement
    box.remove()
    if (label !== null && label.tagName === 'LABEL' && isBlank(label)) label.remove()
  }
  for (const list of body.querySelectorAll('ul:has(> li[data-type="taskItem"])')) {
    list.setAttribute('data-type', 'taskList')
    for (const item of list.querySelectorAll(':scope > li:not([data-type])')) item.setAttribute('data-type', 'taskItem')
  }
}

const BLOCK = 'p,div,h3,h4,ul,ol,table,li,td,th'

/** Blank lines are other editors' way to keep a distance; ours keep it by themselves. */
export function dropBlanks(body: HTMLElement): void {
  for (const line of body.querySelectorAll('br')) {
    const beside = [line.previousSibling, line.nextSibling].filter((each) => each !== null && each.textContent?.trim() !== '')
    const amongBlocks = beside.some((each) => each instanceof Element && each.matches(BLOCK))
    if (amongBlocks || line.className === 'Apple-interchange-newline') line.remove()
  }
  for (const block of [...body.querySelectorAll('p,div,h3,h4,li')].reverse()) if (isBlank(block)) block.remove()
}
