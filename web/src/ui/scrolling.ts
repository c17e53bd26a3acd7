/** Text that scrolls inside of something is scrolled by keys too: where nothing in it takes the focus, it does itself. */

const TAKES_FOCUS = 'a[href], button, input, select, textarea, [tabindex], [contenteditable="true"]'

/** `{@attach scrolledByKeys(() => label)}`; the label says what one is in. */
export function scrolledByKeys(label: () => string): (element: HTMLElement) => () => void {
  return (element) => {
    const look = (): void => {
      const needed = element.scrollHeight > element.clientHeight && element.querySelector(TAKES_FOCUS) === null
      if (!needed) return ['tabindex', 'role', 'aria-label'].forEach((name) => element.removeAttribute(name))
      element.tabIndex = 0
      element.setAttribute('role', 'region')
      element.setAttribute('aria-label', label())
    }
    const sizes = new ResizeObserver(look)
    const changes = new MutationObserver(look)
    sizes.observe(element)
    changes.observe(element, { childList: true, subtree: true, characterData: true })
    return () => {
      sizes.disconnect()
      changes.disconnect()
    }
  }
}
