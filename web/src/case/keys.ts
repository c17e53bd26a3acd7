/** Key combinations, written `Mod-Shift-P`: what a keyboard event must be to match one, and what a person is told to press. */
import { t } from '../i18n'

const NAMED = ['Enter', 'PageDown', 'PageUp', 'Tab', 'Escape'] as const
const ON_MAC: Readonly<Record<string, string>> = { Mod: '⌘', Shift: '⇧', Alt: '⌥', Enter: '↩', Tab: '⇥', Escape: '⎋' }

/** A Mac's Mod is Command. */
export function isMac(platform: string = navigator.platform): boolean {
  return /mac|iphone|ipad/i.test(platform)
}

export type Press = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>

export function matches(keys: string, event: Press, mac = isMac()): boolean {
  const { modifiers, key } = split(keys)
  const mod = mac ? event.metaKey : event.ctrlKey
  const other = mac ? event.ctrlKey : event.metaKey
  if (other || mod !== modifiers.includes('Mod') || event.altKey !== modifiers.includes('Alt')) return false
  // A sign such as "?" or "/" needs Shift on one keyboard and not on the next: only the sign counts.
  if (!/^[a-z]$/i.test(key) && key.length === 1 && !/\d/.test(key)) return event.key === key
  if (event.shiftKey !== modifiers.includes('Shift')) return false
  if (/^\d$/.test(key)) return event.code === `Digit${key}`
  // On a Mac, Option makes another sign of a letter: there its place on the keyboard counts.
  const typesAnother = modifiers.includes('Alt') && !/^[a-z]$/i.test(event.key)
  return typesAnother && /^[A-Z]$/.test(key) ? event.code === `Key${key}` : event.key.toLowerCase() === key.toLowerCase()
}

/** Each key by the name that stands on it. */
export function spell(keys: string, mac = isMac()): readonly string[] {
  const { modifiers, key } = split(keys)
  return [...modifiers, key].map((each) => {
    if (mac && ON_MAC[each] !== undefined) return ON_MAC[each]
    if (each === 'Mod') return t('write.keys.Mod')
    if (each === 'Shift') return t('write.keys.Shift')
    if (each === 'Alt') return t('write.keys.Alt')
    const named = NAMED.find((name) => name === each)
    return named === undefined ? each : t(`write.keys.${named}`)
  })
}

/** The form that `aria-keyshortcuts` wants. */
export function ariaKeys(keys: string, mac = isMac()): string {
  const { modifiers, key } = split(keys)
  return [...modifiers.map((each) => (each === 'Mod' ? (mac ? 'Meta' : 'Control') : each)), key].join('+')
}

/** Whether it is pressed without Mod or Alt: such keys are obeyed only where no text is being written. */
export function isSingle(keys: string): boolean {
  const { modifiers } = split(keys)
  return !modifiers.includes('Mod') && !modifiers.includes('Alt')
}

function split(keys: string): { modifiers: readonly string[]; key: string } {
  const parts = keys.split('-')
  return { modifiers: parts.slice(0, -1), key: parts.at(-1) ?? '' }
}
