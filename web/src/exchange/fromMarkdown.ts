/** Markdown as HTML. What is HTML in it stays so: the cleaner sees to it afterwards, as to any other. */
import { Marked, type RendererThis, type TokenizerAndRendererExtension, type Tokens } from 'marked'
import { mentionHtml } from './html'

export function htmlFromMarkdown(source: string, members: readonly string[]): string {
  const marked = new Marked({
    gfm: true,
    async: false,
    extensions: [mentions(members)],
    // marked puts a space behind the box, which would become part of the text.
    renderer: { checkbox: ({ checked }) => `<input type="checkbox"${checked ? ' checked' : ''}>` },
  })
  const html = marked.parse(source)
  return typeof html === 'string' ? html : ''
}

/** `@Ada Lovelace`, not escaped and not part of a longer word, is the member of that name; the longest name wins. */
function mentions(members: readonly string[]): TokenizerAndRendererExtension {
  const names = [...members].sort((a, b) => b.length - a.length)
  return {
    name: 'mention',
    level: 'inline',
    start: (source: string) => (/(?<![\p{L}\p{N}])@/u.exec(source)?.index ?? undefined),
    tokenizer(source: string): Tokens.Generic | undefined {
      if (!source.startsWith('@')) return undefined
      const name = names.find((each) => source.startsWith(each, 1) && !/^[\p{L}\p{N}]/u.test(source.slice(1 + each.length)))
      return name === undefined ? undefined : { type: 'mention', raw: `@${name}`, text: name }
    },
    renderer(this: RendererThis, token: Tokens.Generic) {
      const name: unknown = token['text']
      return typeof name === 'string' ? mentionHtml(name) : ''
    },
  }
}
