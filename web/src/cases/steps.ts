/** Arrow keys in a list of links: up and down, Home and End; Enter opens, as on every link. */

export function stepsThrough(place: HTMLElement | undefined, event: KeyboardEvent | 'first'): void {
  const links = [...(place?.querySelectorAll<HTMLElement>('[data-case] a') ?? [])]
  if (event === 'first') return links[0]?.focus()
  const at = links.findIndex((link) => link === document.activeElement)
  if (at < 0 || event.altKey || event.ctrlKey || event.metaKey) return
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key]
  if (to === undefined) return
  event.preventDefault()
  links[Math.min(Math.max(to, 0), links.length - 1)]?.focus()
}
