/** After a move inside the application: what a fresh page load would give to a keyboard and a screen reader. */

const PATIENCE_MS = 10_000

/**
 * Give the focus to the heading of the page that comes, as soon as it is there; it may still have to be fetched. A person
 * who took the focus elsewhere meanwhile keeps it. The answer stops the waiting.
 */
export function focusHeading(): () => void {
  const from = document.activeElement
  let old = document.querySelector('main h1')

  function arrive(): boolean {
    const now = document.activeElement
    if (now !== from && now !== null && now !== document.body) return true
    const heading = document.querySelector<HTMLElement>('main h1')
    if (heading === null || heading === old) {
      if (heading === null) old = null
      return false
    }
    heading.tabIndex = -1
    heading.focus({ preventScroll: true })
    return true
  }

  const watcher = new MutationObserver(() => arrive() && stop())
  const timer = setTimeout(stop, PATIENCE_MS)
  function stop(): void {
    watcher.disconnect()
    clearTimeout(timer)
  }
  watcher.observe(document.body, { childList: true, subtree: true })
  return stop
}

/** Past the application's bar, to what the page is about. */
export function skipToContent(): void {
  const main = document.querySelector('main')
  if (main === null) return
  main.tabIndex = -1
  main.focus()
}
