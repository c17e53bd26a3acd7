/** The lean set of what a section can hold; the server's renderer knows exactly these nodes and marks. */
import { type AnyExtension, getSchema } from '@tiptap/core'
import { Bold } from '@tiptap/extension-bold'
import { Collaboration } from '@tiptap/extension-collaboration'
import { Document } from '@tiptap/extension-document'
import { HardBreak } from '@tiptap/extension-hard-break'
import { Heading } from '@tiptap/extension-heading'
import { Italic } from '@tiptap/extension-italic'
import { BulletList, ListItem, ListKeymap, OrderedList, TaskList } from '@tiptap/extension-list'
import { Paragraph } from '@tiptap/extension-paragraph'
import { Text } from '@tiptap/extension-text'
import { Gapcursor, Placeholder, UndoRedo } from '@tiptap/extensions'
import type { Schema } from '@tiptap/pm/model'
import { ySyncPluginKey } from '@tiptap/y-tiptap'
import type { XmlFragment } from 'yjs'
import { HEADING_LEVELS } from '../sections'
import type { Session } from '../sync/session'
import { caretNames } from './caretNames'
import { carets } from './carets'
import { Figure, type FigureSource } from './figure'
import { Leaving } from './leaving'
import { Link } from './link'
import { tableMending } from './mending'
import { Mention } from './mention'
import { type Mentionable, mentionList } from './mentionList'
import { type PasteNews, pasting } from './paste'
import { TABLE } from './table'
import { TaskItem } from './task'

/** Items take any block: a merge of two people's edits must not leave one that the binding would throw away with its text. */
const Item = ListItem.extend({ content: 'block+' })

const CONTENT: AnyExtension[] = [
  Document,
  Paragraph,
  Text,
  Bold,
  Italic,
  Link,
  Heading.configure({ levels: [...HEADING_LEVELS] }),
  BulletList,
  OrderedList,
  Item,
  TaskList,
  TaskItem,
  ...TABLE,
  HardBreak,
  Mention,
]

/** What stands in a record, and in no template: a template is of no case, and has no gallery. */
const RECORD: AnyExtension[] = [...CONTENT, Figure]

export function contentSchema(): Schema {
  return getSchema(RECORD)
}

export interface Surroundings {
  /** What belongs into the section, shown while it is empty; in the reader's language of the moment. */
  readonly hint: () => string
  readonly fragment: XmlFragment
  readonly session: Session
  readonly members: () => readonly Mentionable[]
  /** The gallery; none where there is only the text. */
  readonly figures: FigureSource | null
  readonly pasted: (news: PasteNews) => void
}

/** Undo takes back one's own edits in any section, never another person's. */
export function extensionsFor({ hint, fragment, session, members, figures, pasted }: Surroundings): AnyExtension[] {
  const { awareness } = session.provider
  session.undoing.addTrackedOrigin(ySyncPluginKey)
  return [
    ...CONTENT,
    Figure.configure({ source: figures }),
    ListKeymap,
    Gapcursor,
    Leaving,
    mentionList(members),
    pasting(pasted, {
      isMember: (id) => members().some((member) => member.id === id),
      isMedia: (id) => figures !== null && figures.find(id) !== null,
    }),
    ...(awareness === null ? [] : [tableMending(awareness), carets(awareness), caretNames(awareness)]),
    Placeholder.configure({ placeholder: hint, showOnlyWhenEditable: false }),
    Collaboration.configure({ fragment, yUndoOptions: { undoManager: session.undoing } }),
  ]
}

/** The same text for one person alone, who saves it as a whole: no members to mention, nobody's caret but one's own. */
export function extensionsAlone(hint: string, pasted: (news: PasteNews) => void): AnyExtension[] {
  return [...CONTENT, ListKeymap, Gapcursor, Leaving, UndoRedo, pasting(pasted, {}), Placeholder.configure({ placeholder: hint })]
}
