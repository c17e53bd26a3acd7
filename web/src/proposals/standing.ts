/** Whether proposed words stand in the record already: put there by hand, or by somebody whose page closed too soon. */
import type * as Y from 'yjs'
import { plainText } from '../sync/text'
import { HEAD, ownText, type Writing } from '../sync/writing'

/** All of them, each block's words one after the other, wherever in their section. */
export function standsThere(doc: Y.Doc, { sections, head }: Writing): boolean {
  return (
    sections.every(({ section, blocks }) => {
      const there = squeezed(plainText(doc.getXmlFragment(section)))
      return blocks.map((block) => squeezed(ownText(block))).every((words) => there.includes(words))
    }) && head.every(([field, value]) => doc.getMap(HEAD).get(field) === value)
  )
}

function squeezed(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
