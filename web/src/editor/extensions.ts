/** The lean set of what a section can hold; the server's renderer knows exactly these nodes and marks. */
import type { AnyExtension } from '@tiptap/core'
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
import { HEADING_LEVEL, type Section } from '../sections'
import type { Presence } from '../sync/people'
import type { Session } from '../sync/session'
import { drawCaret, drawSelection } from './caret'

/** Undo is Collaboration's: it takes back one's own edits, never another person's. */
export function extensionsFor(section: Section, session: Session, me: Presence): AnyExtension[] {
  return [
    Document,
    Paragraph,
    Text,
    Bold,
    Italic,
    Heading.configure({ levels: [HEADING_LEVEL] }),
    BulletList,
    OrderedList,
    ListItem,
    ListKeymap,
    HardBreak,
    Placeholder.configure({ placeholder: section.hint }),
    Collaboration.configure({ fragment: session.doc.getXmlFragment(section.name) }),
    CollaborationCaret.configure({
      provider: session.provider,
      user: me,
      render: drawCaret,
      selectionRender: drawSelection,
    }),
  ]
}
