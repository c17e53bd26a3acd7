/** Whether somebody just began to look, or to write, themselves: then nobody moves their page any more. */

/** What belongs to following itself, and may be used while one follows. */
export const PART_OF_FOLLOWING = '[data-following]'

/** Keys that are only held beside others, or lead through the page without changing what it shows. */
const SILENT = new Set(['Shift', 'Control', 'Alt', 'Meta', 'AltGraph', 'CapsLock', 'Tab', 'F1'])
const CONTROLS = 'button, a, [role^=menuitem], [role=tab], select'
const WRITTEN_INTO = 'input, textarea, select, [contenteditable=true]'
/** Where what the presenter shows stands: the record, and a medium that is open. */
const SHOWN = '.middle, dialog[open].preview'

const within = (target: EventTarget | null, selector: string): boolean => target instanceof Element && target.closest(selector) !== null

export function isOwnPress({ target }: Event): boolean {
  return within(target, SHOWN) && !within(target, PART_OF_FOLLOWING)
}

/** Also of a finger that moves. */
export function isOwnScroll({ target }: Event): boolean {
  return !within(target, PART_OF_FOLLOWING) && (within(target, SHOWN) || !within(target, 'dialog, [popover], .panels'))
}

export function isOwnKey({ key, target, ctrlKey, metaKey, altKey, defaultPrevented }: KeyboardEvent): boolean {
  if (defaultPrevented || SILENT.has(key) || altKey) return false
  if (key === 'Escape') return !within(target, '[popover]')
  if (within(target, WRITTEN_INTO)) return within(target, SHOWN) && !within(target, PART_OF_FOLLOWING)
  if (ctrlKey || metaKey) return false
  return !((key === 'Enter' || key === ' ') && within(target, CONTROLS) && !within(target, SHOWN)) && !within(target, '[role=menu], [role=tablist]') && !within(target, PART_OF_FOLLOWING)
}
