/** Word writes its lists as paragraphs whose style says `mso-list: l0 level2 lfo1`; here they become lists. */
import { STYLE, styleOf } from './elements'

const LEVEL = /mso-list:\s*l(\d+)\s+level(\d+)/i
const NUMBERED = /^\s*\(?(?:\d+|[a-z]{1,4}|[ivxlc]+)[.)]/i

interface Item {
  /** The number that Word shows, for a list that does not begin with 1. */
  readonly start: number
  readonly paragraph: Element
  readonly list: string
  readonly level: number
  readonly ordered: boolean
}

export function mendWordLists(body: Element): void {
  let run: Item[] = []
  const finish = (): void => {
    if (run.length > 0) nest(run)
    run = []
  }
  for (const paragraph of body.querySelectorAll('p,h1,h2,h3,h4,h5,h6')) {
    const item = itemOf(paragraph)
    const last = run.at(-1)
    if (item === null || (last !== undefined && nextElement(last.paragraph) !== paragraph)) finish()
    if (item !== null) run.push(item)
  }
  finish()
}

function nextElement(element: Element): Element | null {
  return element.nextElementSibling
}

function itemOf(paragraph: Element): Item | null {
  const match = LEVEL.exec(styleOf(paragraph))
  if (match === null) return null
  const marker = takeMarker(paragraph)
  if (/^h\d$/i.test(paragraph.tagName)) {
    paragraph.prepend(`${marker.trim()} `) // a numbered heading is a heading
    return null
  }
  const ordered = NUMBERED.test(marker)
  return { paragraph, list: match[1] ?? '', level: Number(match[2]), ordered, start: ordered ? (Number.parseInt(marker, 10) || 1) : 1 }
}

/** The bullet or number is text in Word's HTML, marked to be ignored. */
function takeMarker(paragraph: Element): string {
  let marker = ''
  for (const span of paragraph.querySelectorAll(`span[${STYLE}*="mso-list"]`)) {
    if (!/mso-list:\s*Ignore/i.test(styleOf(span))) continue
    marker += span.textContent
    span.remove()
  }
  return marker
}

/** Paragraphs side by side become one list, or nested ones. */
function nest(items: readonly Item[]): void {
  const open: { level: number; ordered: boolean; list: string; element: Element }[] = []
  for (const { paragraph, level, ordered, list, start } of items) {
    while ((open.at(-1)?.level ?? 0) > level) open.pop()
    const same = open.at(-1)
    if (same?.level === level && (same.ordered !== ordered || (open.length === 1 && same.list !== list))) open.pop()
    let parent = open.at(-1)
    if (parent === undefined || parent.level < level) {
      const element = paragraph.ownerDocument.createElement(ordered ? 'ol' : 'ul')
      if (start !== 1) element.setAttribute('start', String(start))
      const host = parent?.element.lastElementChild
      if (host === null || host === undefined) paragraph.before(element)
      else host.append(element)
      parent = { level, ordered, list, element }
      open.push(parent)
    }
    const item = paragraph.ownerDocument.createElement('li')
    const text = paragraph.ownerDocument.createElement('p')
    text.append(...paragraph.childNodes)
    item.append(text)
    parent.element.append(item)
    paragraph.remove()
  }
}
