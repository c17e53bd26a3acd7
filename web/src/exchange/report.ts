/** A record as it is exported: everything already in words of the reader's language, for a worker that knows none. */
import { yXmlFragmentToProseMirrorRootNode } from '@tiptap/y-tiptap'
import type * as Y from 'yjs'
import type { Case } from '../api'
import { mapOf, readHead } from '../case/head'
import type { CaseMark } from '../caseMark'
import { markOf } from '../caseMark'
import { contentSchema } from '../editor/extensions'
import { isKnown } from '../editor/known'
import { language, t } from '../i18n'
import { SECTIONS } from '../sections'
import { plainText } from '../sync/text'
import { exactly } from '../time'
import { roleName, stateName } from '../words'
import { headLines } from './headLines'
import { listed } from './names'
import { type Block, printable } from './tree'
import { treeOf, treeOfText } from './treeOf'

export type Format = 'pdf' | 'docx' | 'md'

/** Where the content came from, which the file has to say. */
export type Source =
  /** The journal up to an entry. */
  | { readonly kind: 'saved'; readonly seq: number }
  /** This page, without the server: nobody can say which entry that is. */
  | { readonly kind: 'page'; readonly unsaved: number }

export interface Line {
  readonly label: string
  readonly value: string
}

export interface ReportSection {
  readonly title: string
  readonly blocks: readonly Block[]
  /** What a reader has to know of it. */
  readonly note: string | null
}

export interface Report {
  readonly language: string
  readonly title: string
  readonly mark: CaseMark
  readonly caseId: string
  readonly facts: readonly Line[]
  readonly members: readonly Line[]
  readonly sections: readonly ReportSection[]
  /** Who exported it and when, up to where it goes, and that it is a copy. */
  readonly about: readonly string[]
  readonly words: {
    readonly members: string
    readonly copy: string
    /** With `{page}` and `{pages}` in it. */
    readonly page: string
    readonly done: string
    readonly open: string
    readonly nothing: string
  }
}

interface Given {
  readonly doc: Y.Doc
  readonly opened: Case
  readonly by: string
  readonly source: Source
  /** Milliseconds since 1970. */
  readonly at: number
}

export function gather({ doc, opened, by, source, at }: Given): Report {
  const sections = sectionsOf(doc)
  const empty = SECTIONS.filter(({ name }) => !sections.some((section) => section.name === name)).map(({ title }) => title)
  const head = headLines(readHead(mapOf(doc)), opened.members)
  return {
    language: language(),
    title: printable(opened.title),
    mark: markOf(opened.id),
    caseId: opened.id,
    facts: [{ label: t('export.state'), value: stateName(opened.state) }, ...head, ...(empty.length === 0 ? [] : [{ label: t('export.emptySections'), value: listed(empty) }])],
    members: opened.members.map(({ person, role }) => ({ label: printable(person.name), value: roleName(role) })),
    sections,
    about: [t('export.by', { name: printable(by), at: exactly(at) }), sourceWords(source), t('export.isCopy')],
    words: {
      members: t('people.members'),
      copy: t('export.copy'),
      page: t('export.page', { page: '{page}', pages: '{pages}' }),
      done: t('export.taskDone'),
      open: t('export.taskOpen'),
      nothing: t('export.nothing'),
    },
  }
}

function sourceWords(source: Source): string {
  if (source.kind === 'saved') return t('export.upTo', { seq: new Intl.NumberFormat(language()).format(source.seq) })
  return source.unsaved === 0 ? t('export.fromPage') : t('export.fromPageUnsaved', { count: source.unsaved })
}

/** Those that say something. */
function sectionsOf(doc: Y.Doc): readonly (ReportSection & { readonly name: string })[] {
  const schema = contentSchema()
  return SECTIONS.flatMap(({ name, title }) => {
    const fragment = doc.getXmlFragment(name)
    const known = isKnown(fragment, schema)
    const blocks = known ? treeOf(yXmlFragmentToProseMirrorRootNode(fragment, schema)) : treeOfText(plainText(fragment))
    return blocks.length === 0 ? [] : [{ name, title, blocks, note: known ? null : t('export.foreign') }]
  })
}

/** Without a word of the case: whoever sees a list of downloads learns nothing of it. */
export function fileName({ mark, caseId }: Report, at: number, format: Format): string {
  const pad = (value: number): string => String(value).padStart(2, '0')
  const day = new Date(at)
  const date = `${day.getFullYear()}-${pad(day.getMonth() + 1)}-${pad(day.getDate())}`
  return `consilium-${mark.letters}-${caseId}-${date}-${pad(day.getHours())}${pad(day.getMinutes())}.${format}`
}
