/** A case that was opened just now is there to be written: which section gets the caret when its page comes. */

let begun: { readonly id: string; readonly section: string } | null = null

export function writeFirst(id: string, section: string): void {
  begun = { id, section }
}

/** The section, once: whoever comes to the case later comes to read it. */
export function takeBeginning(id: string): string | null {
  const section = begun?.id === id ? begun.section : null
  if (section !== null) begun = null
  return section
}
