/** The lean set of what a section can hold; the server's renderer knows exactly these nodes and marks. */
import { type AnyExtension, getSchema } from '@tiptap/core'
import { Bold } from '@tiptap/extension-bold'
import { Collaboration } from '@tiptap/extension-collaboration'
import { CollaborationCaret } from '@tiptap/extension-collaboration-caret'
import { Document } from '@tiptap/extension-document'
import { HardBreak } from '@tiptap/extension-hard-break'
import { Heading } from '@tiptap/extension-heading'
import { Italic } from '@tiptap/extension-italic'
import { BulletList, ListItem, ListKeymap, OrderedList, TaskList } from '@tiptap/extension-list'
import { Paragraph } from '@tiptap/extension-paragraph'
import { Text } from '@tiptap/extension-text'
import { Placeholder, UndoRedo } from '@tiptap/extensions'
import type { Schema } from '@tiptap/pm/model'
import type { XmlFragment } from 'yjs'
import { HEADING_LEVELS } from '../sections'
import type { Presence } from '../sync/people'
import type { Session } from '../sync/session'
import { drawCaret, drawSelection } from './caret'
import { caretNames } from './caretNames'
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

export function contentSchema(): Schema {
  return getSchema(CONTENT)
}

export interface Surroundings {
  /** What belongs into the section, shown while it is empty. */
  readonly hint: string
  readonly fragment: XmlFragment
  readonly session: Session
  readonly me: Presence
  readonly members: () => readonly Mentionable[]
  readonly pasted: (news: PasteNews) => void
}

/** Undo is Collaboration's: it takes back one's own edits, never another person's. */
export function extensionsFor({ hint, fragment, session, me, members, pasted }: Surroundings): AnyExtension[] {
  const { awareness } = session.provider
  return [
    ...CONTENT,
    ListKeymap,
    mentionList(members),
    pasting(pasted),
    ...(awareness === null ? [] : [tableMending(awareness), caretNames(awareness)]),
    Placeholder.configure({ placeholder: hint, showOnlyWhenEditable: false }),
    Collaboration.configure({ fragment }),
    CollaborationCaret.configure({
      provider: session.provider,
      user: me,
      render: drawCaret,
      selectionRender: drawSelection,
    }),
  ]
}

/** The same text for one person alone, who saves it as a whole: no members to mention, nobody's caret but one's own. */
export function extensionsAlone(hint: string, pasted: (news: PasteNews) => void): AnyExtension[] {
  return [...CONTENT, ListKeymap, UndoRedo, pasting(pasted), Placeholder.configure({ placeholder: hint })]
}
