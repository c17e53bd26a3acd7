/** Small changes to a tree of foreign elements. */

/** Where foreign styles are kept while they are read. */
export const STYLE = 'data-style'

export function styleOf(element: Element): string {
  return element.getAttribute(STYLE) ?? ''
}

export function rename(element: Element, tag: string): Element {
  const made = element.ownerDocument.createElement(tag)
  for (const { name, value } of element.attributes) made.setAttribute(name, value)
  made.append(...element.childNodes)
  element.replaceWith(made)
  return made
}

export function unwrap(element: Element): void {
  element.replaceWith(...element.childNodes)
}

export function wrapInside(element: Element, tag: string): void {
  const inner = element.ownerDocument.createElement(tag)
  inner.append(...element.childNodes)
  element.append(inner)
}

/** Without a word; a space that does not break is none. */
export function isBlank(element: Element): boolean {
  return element.textContent.trim() === '' && element.querySelector('[data-type="mention"]') === null
}
