/** Plain text as HTML: an empty line ends a paragraph, and a line stays a line. */
import { escapeHtml } from './html'

export function htmlFromText(text: string): string {
  return text
    .split(/\n[^\S\n]*\n+/)
    .map((paragraph) => paragraph.replace(/^\n+|\s+$/g, ''))
    .filter((paragraph) => paragraph !== '')
    .map((paragraph) => `<p>${paragraph.split('\n').map((line) => escapeHtml(line.replace(/\t/g, ' ').trimEnd())).join('<br>')}</p>`)
    .join('')
}
