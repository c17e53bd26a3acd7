/** What ours is compared with: the same editor library on one whole document, with carets, and nothing else on the page. */
import { HocuspocusProvider } from '@hocuspocus/provider'
import { Editor } from '@tiptap/core'
import { Bold } from '@tiptap/extension-bold'
import { Collaboration } from '@tiptap/extension-collaboration'
import { CollaborationCaret } from '@tiptap/extension-collaboration-caret'
import { Document } from '@tiptap/extension-document'
import { HardBreak } from '@tiptap/extension-hard-break'
import { Heading } from '@tiptap/extension-heading'
import { Italic } from '@tiptap/extension-italic'
import { BulletList, ListItem, OrderedList } from '@tiptap/extension-list'
import { Paragraph } from '@tiptap/extension-paragraph'
import { Text } from '@tiptap/extension-text'
import { Doc } from 'yjs'

const asked = new URLSearchParams(location.search)
const wanted = (name: string): string => {
  const value = asked.get(name)
  if (value === null) throw new Error(`the address says no ${name}`)
  return value
}

const document_ = new Doc()
const provider = new HocuspocusProvider({ url: wanted('server'), name: wanted('document'), document: document_ })
provider.on('synced', () => {
  new Editor({
    element: document.querySelector('#editor'),
    editorProps: { attributes: { role: 'textbox', 'aria-label': 'Summary' } },
    extensions: [
      Document,
      Paragraph,
      Text,
      Bold,
      Italic,
      Heading,
      BulletList,
      OrderedList,
      ListItem,
      HardBreak,
      Collaboration.configure({ document: document_ }),
      CollaborationCaret.configure({ provider, user: { name: 'Dr Browser', color: '#0f766e' } }),
    ],
  })
})
