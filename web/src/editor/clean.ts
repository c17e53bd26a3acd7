/**
 * What is taken from foreign HTML (a paste from Word or the web, an imported file): the structure that a section knows, without
 * styles, classes, images and scripts. The schema has the last word; this brings what it would otherwise lose into its form.
 */
import { safeHref } from './href'
import { mendWordLists } from './wordLists'

export interface Cleaned {
  readonly body: HTMLElement
  /** How many pictures were left out. */
  readonly images: number
}

/** Tags that go with everything in them. */
const DROPPED =
  'script,style,link,meta,title,head,template,noscript,iframe,object,embed,applet,svg,math,canvas,audio,video,form button,input:not([type="checkbox"]),select,textarea,button,map,area,base,dialog[hidden],[hidden],del'
const IMAGES = 'img,picture,svg,canvas,v\\:imagedata,v\\:shape'

/** What stays, and the attributes that stay with it. */
const KEPT: Readonly<Record<string, readonly string[]>> = {
  P: [],
  DIV: [],
  BR: [],
  H3: [],
  H4: [],
  STRONG: [],
  EM: [],
  A: ['href'],
  UL: ['data-type'],
  OL: ['start'],
  LI: ['data-type', 'data-checked'],
  TABLE: [],
  TBODY: [],
  TR: [],
  TH: ['colspan', 'rowspan'],
  TD: ['colspan', 'rowspan'],
  SPAN: ['data-type', 'data-id', 'data-label'],
}

const RENAMED: Readonly<Record<string, string>> = {
  B: 'STRONG',
  I: 'EM',
  THEAD: 'TBODY',
  TFOOT: 'TBODY',
  PRE: 'DIV',
  BLOCKQUOTE: 'DIV',
  SECTION: 'DIV',
  ARTICLE: 'DIV',
  HEADER: 'DIV',
  FOOTER: 'DIV',
  MAIN: 'DIV',
  ASIDE: 'DIV',
  NAV: 'DIV',
  FIGURE: 'DIV',
  FIGCAPTION: 'P',
  CAPTION: 'P',
  ADDRESS: 'P',
  DL: 'DIV',
  DT: 'P',
  DD: 'P',
  DETAILS: 'DIV',
  SUMMARY: 'P',
  HR: 'BR',
}

/** Deeper than any document a person wrote; what is below is taken as text. */
const MAX_DEPTH = 60

/** Parses without loading or running anything: the document that holds it has no window. */
export function clean(html: string): Cleaned {
  const { body } = new DOMParser().parseFromString(html, 'text/html')
  const images = [...body.querySelectorAll(IMAGES)].filter((image) => image.closest('svg') === image || image.closest('svg') === null).length
  mendWordLists(body)
  for (const gone of body.querySelectorAll(DROPPED)) gone.remove()
  takeTicks(body)
  takeCaptions(body)
  takeFormats(body)
  headings(body)
  flatten(body, 0)
  return { body, images }
}

/** A caption is no part of our tables: it stands before its table. */
function takeCaptions(body: HTMLElement): void {
  for (const caption of body.querySelectorAll('table > caption')) caption.closest('table')?.before(caption)
}

/** The levels in use, highest first, become our two. */
function headings(body: HTMLElement): void {
  const found = [...body.querySelectorAll('h1,h2,h3,h4,h5,h6')]
  const highest = Math.min(...found.map(({ tagName }) => Number(tagName[1])))
  for (const heading of found) rename(heading, Number(heading.tagName[1]) === highest ? 'H3' : 'H4')
}

/** Lists of boxes, as Markdown and other editors write them. */
function takeTicks(body: HTMLElement): void {
  for (const box of body.querySelectorAll('li input[type="checkbox"]')) {
    const item = box.closest('li')
    if (item !== null && !item.hasAttribute('data-type')) {
      item.setAttribute('data-type', 'taskItem')
      item.setAttribute('data-checked', String(box.hasAttribute('checked')))
    }
    const label = box.parentElement
    box.remove()
    if (label !== null && label.tagName === 'LABEL' && label.textContent.trim() === '') label.remove()
  }
  for (const list of body.querySelectorAll('ul:has(> li[data-type="taskItem"])')) {
    list.setAttribute('data-type', 'taskList')
    for (const item of list.querySelectorAll(':scope > li:not([data-type])')) item.setAttribute('data-type', 'taskItem')
  }
}

/** Bold and italic are often said in a style; Google's `<b style="font-weight: normal">` says the contrary. */
function takeFormats(body: HTMLElement): void {
  for (const element of body.querySelectorAll('[style]')) {
    const style = element.getAttribute('style') ?? ''
    const weight = /font-weight:\s*(\w+)/i.exec(style)?.[1]?.toLowerCase()
    if (weight === 'normal' || weight === '400') {
      if (element.tagName === 'B' || element.tagName === 'STRONG') unwrap(element)
    } else if (weight !== undefined && element.tagName === 'SPAN' && (weight === 'bold' || Number(weight) >= 600)) wrapInside(element, 'strong')
    if (element.tagName === 'SPAN' && /font-style:\s*italic/i.test(style)) wrapInside(element, 'em')
  }
}

function flatten(parent: Element, depth: number): void {
  for (const child of [...parent.childNodes]) {
    if (child.nodeType === Node.TEXT_NODE) {
      if (parent.closest('pre') !== null) breakLines(child)
      continue
    }
    if (!(child instanceof Element)) {
      child.remove() // comments, and what Word hides in them
      continue
    }
    if (depth >= MAX_DEPTH) {
      child.replaceWith(child.textContent)
      continue
    }
    flatten(child, depth + 1)
    keep(child)
  }
}

function keep(element: Element): void {
  const tag = RENAMED[element.tagName] ?? element.tagName
  const attributes = KEPT[tag]
  if (attributes === undefined) return unwrap(element)
  const kept = tag === element.tagName ? element : rename(element, tag)
  for (const name of kept.getAttributeNames()) if (!attributes.includes(name)) kept.removeAttribute(name)
  if (tag === 'A') {
    const href = safeHref(kept.getAttribute('href'))
    if (href === null) unwrap(kept)
    else kept.setAttribute('href', href)
  }
  if (tag === 'SPAN' && kept.getAttribute('data-type') !== 'mention') unwrap(kept)
}

/** In preformatted text a new line is a new line. */
function breakLines(node: ChildNode): void {
  const lines = (node.textContent ?? '').replace(/\n$/, '').split('\n')
  node.replaceWith(...lines.flatMap((line, index) => (index === 0 ? [line] : [document.createElement('br'), line])))
}

function rename(element: Element, tag: string): Element {
  const made = element.ownerDocument.createElement(tag)
  for (const { name, value } of element.attributes) made.setAttribute(name, value)
  made.append(...element.childNodes)
  element.replaceWith(made)
  return made
}

function unwrap(element: Element): void {
  element.replaceWith(...element.childNodes)
}

function wrapInside(element: Element, tag: string): void {
  const inner = element.ownerDocument.createElement(tag)
  inner.append(...element.childNodes)
  element.append(inner)
}
