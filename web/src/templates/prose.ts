/**
 * What a section of a template says, as the editor's JSON: read where it comes from outside, and made again as the server
 * takes it. The server knows fewer attributes than the editor has, and refuses what it does not know.
 */
import { fields, list, text, Unreadable } from '../parse'
import { SECTION_NAMES, type SectionName } from '../sections'

type Value = string | number | boolean

export interface Mark {
  type: string
  attrs?: Record<string, Value>
}

/** A node of the editor; `text` stands in those of type "text" alone. */
export interface ProseNode {
  type: string
  text?: string
  attrs?: Record<string, Value>
  marks?: Mark[]
  content?: ProseNode[]
}

export type Sections = Readonly<Partial<Record<SectionName, ProseNode>>>

/** What the server keeps of each node and mark (workspace/prose.py); everything else is how an editor shows it. */
const KEPT: Readonly<Record<string, readonly string[]>> = {
  heading: ['level'],
  orderedList: ['start'],
  taskItem: ['checked'],
  tableHeader: ['colspan', 'rowspan'],
  tableCell: ['colspan', 'rowspan'],
  link: ['href'],
}

/** Deeper than anybody writes, and shallow enough for every stack. */
const DEEPEST = 100

/** Throws Unreadable for what is no node. Of attributes only those are kept that count. */
export function readNode(value: unknown, depth = 0): ProseNode {
  const from = fields(value)
  if (depth > DEEPEST) throw new Unreadable('nested too deep')
  const type = text(from, 'type')
  if (type === 'text') {
    const marks = from.has('marks') ? list(from, 'marks', readMark) : []
    return { type, text: text(from, 'text'), ...(marks.length === 0 ? {} : { marks: [...marks] }) }
  }
  const content = from.has('content') ? list(from, 'content', (child) => readNode(child, depth + 1)) : []
  return { type, ...attributes(type, from.get('attrs')), ...(content.length === 0 ? {} : { content: [...content] }) }
}

function readMark(value: unknown): Mark {
  const type = text(fields(value), 'type')
  return { type, ...attributes(type, fields(value).get('attrs')) }
}

function attributes(type: string, given: unknown): { attrs?: Record<string, Value> } {
  const from = given === undefined || given === null ? new Map<string, unknown>() : fields(given)
  const attrs: Record<string, Value> = {}
  for (const name of KEPT[type] ?? []) {
    const value = from.get(name)
    if (value === 1 && name !== 'level') continue // a start or a span of one goes without saying
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') attrs[name] = value
  }
  return Object.keys(attrs).length === 0 ? {} : { attrs }
}

/** The sections of a record by name; those that it does not have are left out. */
export function readSections(value: unknown): Sections {
  const from = fields(value)
  const read: Partial<Record<SectionName, ProseNode>> = {}
  for (const name of SECTION_NAMES) if (from.has(name)) read[name] = readNode(from.get(name))
  return read
}

/** Whether anything stands in it: a letter, a table, a person. */
export function saysSomething(node: ProseNode): boolean {
  return node.type === 'text' || node.type === 'table' || node.type === 'mention' || (node.content ?? []).some(saysSomething)
}

export function sameSections(one: Sections, other: Sections): boolean {
  return JSON.stringify(said(one)) === JSON.stringify(said(other))
}

/** In reading order, without those that say nothing. */
export function said(sections: Sections): Sections {
  const kept: Partial<Record<SectionName, ProseNode>> = {}
  for (const name of SECTION_NAMES) {
    const section = sections[name]
    if (section !== undefined && saysSomething(section)) kept[name] = section
  }
  return kept
}
