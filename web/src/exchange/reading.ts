/** A chosen file as what would come into the record: its blocks, where they belong, and what could not be taken. */
import type { Node as Block, Schema } from '@tiptap/pm/model'
import { clean, parse } from '../editor/clean'
import type { Mentionable } from '../editor/mentionList'
import type { SectionName } from '../sections'
import { blocksFrom, resolveMentions } from './blocks'
import { htmlFromMarkdown } from './fromMarkdown'
import type { WordRead } from './fromWord'
import { htmlFromText } from './fromText'
import { OUR_SIGN } from './sign'
import { MAX_FILE_BYTES, type Refusal, sniff, type TextFile, type TextKind } from './sniff'
import { split, titlesOfSections } from './split'

/** The limits of a paste hold for a file as well: what the server takes in one edit. */
export { MAX_PASTE as MAX_CHARACTERS } from '../editor/paste'

export type NoticeKind = 'images' | 'footnotes' | 'comments' | 'deletions' | 'equations' | 'objects' | 'headers' | 'active' | 'encoding'

export interface Notice {
  readonly kind: NoticeKind
  readonly count: number
}

export interface SectionPart {
  readonly section: SectionName
  readonly blocks: readonly Block[]
}

export interface Reading {
  readonly name: string
  readonly kind: TextKind | 'word'
  /** Read again as another kind. */
  readonly file: TextFile | null
  readonly notices: readonly Notice[]
  readonly characters: number
  /** All of it, for one section. */
  readonly blocks: readonly Block[]
  /** The same by the sections that it names; empty where it names none. */
  readonly parts: readonly SectionPart[]
  /** What stands before the first of them. */
  readonly preface: readonly Block[]
  /** Our own export: its preface is the head and the members, and no text of any section. */
  readonly isOurs: boolean
}

export type Outcome = { readonly ok: true; readonly reading: Reading } | { readonly ok: false; readonly why: Refusal }

export interface Helpers {
  readonly schema: Schema
  readonly members: readonly Mentionable[]
  readonly readWord: (bytes: ArrayBuffer) => Promise<WordRead>
}

export async function readFile(file: File, helpers: Helpers): Promise<Outcome> {
  if (file.size > MAX_FILE_BYTES) return { ok: false, why: 'too-large' }
  const bytes = new Uint8Array(await file.arrayBuffer())
  const found = sniff(bytes, file.name)
  if (found.kind === 'refused') return { ok: false, why: found.why }
  if (found.kind === 'texts') return { ok: true, reading: await readText(file.name, found.file, helpers) }
  const word = await helpers.readWord(bytes.buffer)
  if (!word.ok) return word
  const notices = Object.entries(word.leftOut).flatMap(([kind, count]) => (isNoticeKind(kind) && count > 0 ? [{ kind, count }] : []))
  const source = { html: tasksFromBoxes(word.html), keepsSpaces: false, isOurs: word.isOurs }
  return { ok: true, reading: { ...(await take(source, notices, helpers)), name: file.name, kind: 'word', file: null } }
}

export async function readText(name: string, file: TextFile, helpers: Helpers): Promise<Reading> {
  const { kind, text, guessed } = file
  const notices: readonly Notice[] = guessed === null ? [] : [{ kind: 'encoding', count: 1 }]
  const html = kind === 'markdown' ? htmlFromMarkdown(text, helpers.members.map((member) => member.name)) : kind === 'text' ? htmlFromText(text) : text
  const source = { html, keepsSpaces: kind !== 'html', isOurs: text.includes(OUR_SIGN) }
  return { ...(await take(source, notices, helpers)), name, kind, file }
}

interface Source {
  readonly html: string
  readonly keepsSpaces: boolean
  readonly isOurs: boolean
}

async function take({ html, keepsSpaces, isOurs }: Source, before: readonly Notice[], { schema, members }: Helpers): Promise<Omit<Reading, 'name' | 'kind' | 'file'>> {
  const blocksOf = (piece: string, below: number | null): { blocks: readonly Block[]; images: number } => {
    const isMember = (): boolean => true // found by name too, just below
    const { body, images } = clean(piece, { isMember, isExact: keepsSpaces, ...(below === null ? {} : { below }) })
    resolveMentions(body, members)
    return { blocks: blocksFrom(body, schema, keepsSpaces), images }
  }
  const { blocks, images } = blocksOf(html, null)
  const pieces = split(html, await titlesOfSections())
  const parts = gather(pieces.flatMap(({ section, html: piece, below }) => (section === null ? [] : [{ section, blocks: blocksOf(piece, below).blocks }])))
  const active = countActive(html)
  const notices: readonly Notice[] = [
    ...before,
    ...(images > 0 ? [{ kind: 'images' as const, count: images }] : []),
    ...(active > 0 ? [{ kind: 'active' as const, count: active }] : []),
  ]
  const preface = pieces[0]?.section === null && parts.length > 0 ? blocksOf(pieces[0].html, null).blocks : []
  return { notices, blocks, parts, preface, isOurs, characters: blocks.reduce((sum, block) => sum + block.textContent.length, 0) }
}

/** A section that is named twice gets both parts; one without a word is none. */
function gather(found: readonly SectionPart[]): readonly SectionPart[] {
  const sections = [...new Set(found.map(({ section }) => section))]
  return sections
    .map((section) => ({ section, blocks: found.filter((part) => part.section === section).flatMap((part) => part.blocks) }))
    .filter(({ blocks }) => blocks.length > 0)
}

const ACTIVE = 'script,iframe,frame,object,embed,applet,form,audio,video,link[rel="stylesheet"]'

function countActive(html: string): number {
  return parse(html).ownerDocument.querySelectorAll(ACTIVE).length
}

/** Word's boxes stand at the start of paragraphs; a task is an item of a list. */
function tasksFromBoxes(html: string): string {
  const body = parse(html)
  for (const box of body.querySelectorAll('p > input[type="checkbox"]:first-child')) {
    const line = box.parentElement
    if (line?.firstChild !== box || line.closest('li,td,th') !== null) continue
    const before = line.previousElementSibling
    const list = before?.matches('ul[data-type="taskList"]') === true ? before : body.ownerDocument.createElement('ul')
    const item = body.ownerDocument.createElement('li')
    list.setAttribute('data-type', 'taskList')
    line.before(list)
    item.append(line)
    list.append(item)
  }
  return body.innerHTML
}

const NOTICE_KINDS: readonly string[] = ['footnotes', 'comments', 'deletions', 'equations', 'objects', 'headers'] satisfies NoticeKind[]

function isNoticeKind(kind: string): kind is NoticeKind {
  return NOTICE_KINDS.includes(kind)
}
