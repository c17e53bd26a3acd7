/** Some phones keep the page's size and lay their keyboard over it: what must stay in sight follows the part that is seen. */
export function keepInSight(element: HTMLElement): () => void {
  const seen = window.visualViewport
  const follow = (): void => {
    if (seen !== null) element.style.setProperty('--seen-top', seen.scale === 1 ? `${seen.offsetTop}px` : '0px')
  }
  follow()
  for (const event of ['resize', 'scroll']) seen?.addEventListener(event, follow)
  return () => {
    for (const event of ['resize', 'scroll']) seen?.removeEventListener(event, follow)
  }
}
