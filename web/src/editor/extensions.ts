/** The lean set of what a section can hold; the server's renderer knows exactly these nodes and marks. */
import { type AnyExtension, getSchema } from '@tiptap/core'
import { Bold } from '@tiptap/extension-bold'
import { Collaboration } from '@tiptap/extension-collaboration'
import { CollaborationCaret } from '@tiptap/extension-collaboration-caret'
import { Document } from '@tiptap/extension-document'
import { HardBreak } from '@tiptap/extension-hard-break'
import { Heading } from '@tiptap/extension-heading'
import { Italic } from '@tiptap/extension-italic'
import { BulletList, ListItem, ListKeymap, OrderedList } from '@tiptap/extension-list'
import { Paragraph } from '@tiptap/extension-paragraph'
import { Text } from '@tiptap/extension-text'
import { Placeholder } from '@tiptap/extensions'
import type { Schema } from '@tiptap/pm/model'
import type { XmlFragment } from 'yjs'
import { HEADING_LEVEL, type Section } from '../sections'
import type { Presence } from '../sync/people'
import type { Session } from '../sync/session'
import { drawCaret, drawSelection } from './caret'

const CONTENT: AnyExtension[] = [
  Document,
  Paragraph,
  Text,
  Bold,
  Italic,
  Heading.configure({ levels: [HEADING_LEVEL] }),
  BulletList,
  OrderedList,
  ListItem,
  HardBreak,
]

export function contentSchema(): Schema {
  return getSchema(CONTENT)
}

/** Undo is Collaboration's: it takes back one's own edits, never another person's. */
export function extensionsFor(section: Section, fragment: XmlFragment, session: Session, me: Presence): AnyExtension[] {
  return [
    ...CONTENT,
    ListKeymap,
    Placeholder.configure({ placeholder: section.hint }),
    Collaboration.configure({ fragment }),
    CollaborationCaret.configure({
      provider: session.provider,
      user: me,
      render: drawCaret,
      selectionRender: drawSelection,
    }),
  ]
}
