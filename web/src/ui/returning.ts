/** A dialog gives the focus back, but not always the caret: the browser may leave that where the dialog was, and keys type nothing. */

/** Where the focus and the caret are; call the answer when the dialog is off the page. */
export function comeBackTo(): () => void {
  const held = document.activeElement
  const selection = getSelection()
  const range = selection === null || selection.rangeCount === 0 ? null : selection.getRangeAt(0).cloneRange()
  return () => {
    const now = document.activeElement
    if (!(held instanceof HTMLElement) || (now !== held && now !== null && now !== document.body)) return // it went on by itself
    held.focus({ preventScroll: true })
    const caret = getSelection()
    const isLost = held.isContentEditable && caret !== null && !held.contains(caret.anchorNode)
    if (isLost && range !== null && held.contains(range.startContainer)) {
      caret.setBaseAndExtent(range.startContainer, range.startOffset, range.endContainer, range.endOffset)
    }
  }
}
