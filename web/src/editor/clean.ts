/**
 * What is taken from foreign HTML (a paste from Word or the web, an imported file): the structure that a section knows, without
 * styles, classes, images and scripts. The schema has the last word; this brings what it would otherwise lose into its form.
 */
import { dropBlanks, takeCaptions, takeHeaderRows, takeHeadings, takeTicks } from './blocks'
import { rename, STYLE, styleOf, unwrap } from './elements'
import { takeBoldOfTitles, takeFormats } from './formats'
import { directHref, safeHref } from './href'
import { mendWordLists } from './wordLists'

export interface Cleaned {
  readonly body: HTMLElement
  /** How many pictures were left out. */
  readonly images: number
}

/** Tags that go with everything in them, and what Word says about its comments. */
const DROPPED =
  'script,style,link,meta,title,head,template,noscript,iframe,object,embed,applet,math,audio,video,form button,input:not([type="checkbox"]),select,textarea,button,map,area,base,dialog[hidden],[hidden],.MsoCommentReference,.msocomanchor,[' + STYLE + '*="mso-element:comment-list"]'
const IMAGES = 'img,svg,canvas,v\\:imagedata'

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
  FIGURE: ['data-type', 'data-media', 'data-label', 'data-view'],
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

export interface Manner {
  /** A mention of somebody who is no member is a name like any other. */
  readonly isMember?: (id: string) => boolean
  /** One of another case's gallery is what it was called, in words. */
  readonly isMedia?: (id: string) => boolean
  /** The level of the heading that all of it stands under, where that is known; otherwise the highest in use is our first. */
  readonly below?: number
  /** It says all that it means: blank lines are meant, and bold does not mean a header. */
  readonly isExact?: boolean
}

/** Parses without loading or running anything: the document that holds it has no window. */
export function clean(html: string, { isMember = () => false, isMedia = () => false, below, isExact = false }: Manner = {}): Cleaned {
  const body = parse(html)
  mendWordLists(body)
  for (const gone of body.querySelectorAll(DROPPED)) gone.remove()
  for (const styled of body.querySelectorAll(`[${STYLE}]`)) if (isHidden(styled)) styled.remove()
  takeTicks(body)
  const pictures = [...body.querySelectorAll(IMAGES)]
  const images = pictures.filter(isSeen).length
  for (const picture of pictures) picture.remove()
  takeCaptions(body)
  if (!isExact) takeHeaderRows(body)
  takeFormats(body)
  if (!isExact) takeBoldOfTitles(body)
  takeHeadings(body, below)
  for (const mention of body.querySelectorAll('[data-type="mention"]')) {
    if (!isMember(mention.getAttribute('data-id') ?? '')) mention.removeAttribute('data-type')
  }
  for (const figure of body.querySelectorAll('[data-type="figure"]')) {
    if (figure.tagName !== 'FIGURE' || !isMedia(figure.getAttribute('data-media') ?? '')) figure.removeAttribute('data-type')
  }
  flatten(body, 0)
  if (!isExact && !isOurs(html)) dropBlanks(body)
  return { body, images }
}

/** Foreign HTML as elements that load and run nothing. */
export function parse(html: string): HTMLElement {
  return new DOMParser().parseFromString(quiet(html), 'text/html').body
}

/**
 * The page's policy forbids styles, handlers and base addresses, also where nothing comes of them, and the browser complains of
 * each one that it parses. They are read under another name; what this misses is complained of, and removed all the same.
 */
function quiet(html: string): string {
  return html
    .replace(/<style\b[\s\S]*?<\/style\s*>|<base\b[^<>]*>/gi, '')
    .replace(/<[a-z][^<>]*>/gi, (tag) => tag.replace(/([\s"'/])(style|on\w+)(\s*=)/gi, (_, before, name, is) => `${before}data-${name}${is}`))
}

/** Copied in one of our own sections; blank lines in it are meant. */
function isOurs(html: string): boolean {
  return html.includes('data-pm-slice=')
}

function isHidden(element: Element): boolean {
  return /display:\s*none|mso-hide:\s*all/i.test(styleOf(element))
}

/** Signs inside a drawing are not pictures of their own, and what is one dot large counts visitors. */
function isSeen(picture: Element): boolean {
  return picture.parentElement?.closest('svg') == null && picture.getAttribute('width') !== '1' && picture.ariaHidden !== 'true'
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
  const isOurFigure = element.getAttribute('data-type') === 'figure'
  const tag = isOurFigure ? element.tagName : (RENAMED[element.tagName] ?? element.tagName)
  const attributes = KEPT[tag]
  if (attributes === undefined) return unwrap(element)
  const kept = tag === element.tagName ? element : rename(element, tag)
  for (const name of kept.getAttributeNames()) if (!attributes.includes(name)) kept.removeAttribute(name)
  if (tag === 'A') {
    const href = directHref(safeHref(kept.getAttribute('href')))
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
