/** Finds the sections of the record in a file: the headings that are called as sections are, in any language of the page. */
import { parse } from '../editor/clean'
import { SECTION_NAMES, type SectionName } from '../sections'

export interface Piece {
  /** None: what stands before the first section. */
  readonly section: SectionName | null
  readonly html: string
  /** The level of the heading that it stands under. */
  readonly below: number | null
}

/** What sections are called: a plain title → its section. */
export type Titles = ReadonlyMap<string, SectionName>

interface Words {
  readonly case: { readonly section: Readonly<Record<SectionName, { readonly title: string }>> }
}

/** In every language there is. */
export async function titlesOfSections(): Promise<Titles> {
  const files = import.meta.glob<{ default: Words }>('../i18n/*.json')
  const languages = await Promise.all(Object.values(files).map((load) => load()))
  return new Map(languages.flatMap(({ default: words }) => SECTION_NAMES.map((name) => [plain(words.case.section[name].title), name] as const)))
}

/** A file in pieces, in its order; one piece where it has no sections of the record. */
export function split(html: string, titles: Titles): readonly Piece[] {
  const body = parse(html)
  const named = [...body.querySelectorAll('h1,h2,h3,h4,h5,h6')].flatMap((heading) => {
    const section = titles.get(plain(heading.textContent))
    return section === undefined ? [] : [{ heading, section, level: Number(heading.tagName[1]) }]
  })
  const level = Math.min(...named.map((each) => each.level)) // a "Plan" further down is a heading like others
  const starts = named.filter((each) => each.level === level)
  const first = starts[0]
  if (first === undefined) return [{ section: null, html, below: null }]
  const before = between(body, null, first.heading)
  const pieces = starts.map(({ heading, section }, index): Piece => ({ section, html: between(body, heading, starts[index + 1]?.heading ?? null), below: level }))
  return [{ section: null, html: before, below: null }, ...pieces]
}

function between(body: HTMLElement, from: Element | null, to: Element | null): string {
  const range = body.ownerDocument.createRange()
  range.selectNodeContents(body)
  if (from !== null) range.setStartAfter(from)
  if (to !== null) range.setEndBefore(to)
  const holder = body.ownerDocument.createElement('div')
  holder.append(range.cloneContents())
  return holder.innerHTML
}

function plain(title: string): string {
  return title.normalize('NFD').replace(/\p{M}/gu, '').replace(/^[\d.\s]+|[\s:.]+$/g, '').toLocaleLowerCase()
}
