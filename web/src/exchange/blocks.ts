/** Cleaned HTML as blocks of a section: the schema has the last word. */
import { DOMParser as SchemaParser, type Node as Block, type Schema } from '@tiptap/pm/model'
import type { Mentionable } from '../editor/mentionList'

/** Empty paragraphs that its end has are left out. */
export function blocksFrom(body: HTMLElement, schema: Schema, keepsSpaces: boolean): readonly Block[] {
  const doc = SchemaParser.fromSchema(schema).parse(body, { preserveWhitespace: keepsSpaces })
  const blocks = Array.from({ length: doc.childCount }, (_, index) => doc.child(index))
  return blocks.slice(0, blocks.findLastIndex((block) => !isEmpty(block)) + 1)
}

function isEmpty(block: Block): boolean {
  return block.type.name === 'paragraph' && block.childCount === 0
}

/** Mentions of this case's members, by id or else by name; another's is only a name. */
export function resolveMentions(body: HTMLElement, members: readonly Mentionable[]): void {
  for (const span of body.querySelectorAll<HTMLElement>('span[data-type="mention"]')) {
    const found = members.find(({ id }) => id === span.dataset['id']) ?? members.find(({ name }) => name === span.dataset['label'])
    if (found === undefined) span.replaceWith(...span.childNodes)
    else {
      span.dataset['id'] = found.id
      span.dataset['label'] = found.name
    }
  }
}
