/** The page's words in the reader's language. Another language is one more JSON file in this folder; nothing else names it. */
import i18next from 'i18next'
import type en from './en.json'
import { nextTurn, readTurn } from './turn.svelte'

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof en }
  }
}

const FALLBACK = 'en'
const KEPT_AS = 'consilium.language'

const files = import.meta.glob<{ default: typeof en }>('./*.json')

/** The languages there are, as BCP 47 codes. */
export const LANGUAGES: readonly string[] = Object.keys(files).map((path) => path.slice(2, -'.json'.length))

/**
 * One message by its dotted key; `count` chooses the plural form. Called while rendering (in a template, a `$derived`, an
 * effect) it is asked again when the language changes; called when a module loads it is stuck in one language.
 */
export const t = new Proxy(i18next.t, {
  apply(translate, self, words) {
    readTurn()
    return Reflect.apply(translate, self, words)
  },
})

/** Whether there are words for a key that is only known at run time. */
export function isSaid(key: string): boolean {
  return i18next.exists(key)
}

/** The language that is spoken now; asked again when it changes, as `t` is. */
export function language(): string {
  readTurn()
  return i18next.resolvedLanguage ?? FALLBACK
}

/** What a language calls itself, as a title: "English", "Español". */
export function nameOf(code: string): string {
  const name = new Intl.DisplayNames([code], { type: 'language' }).of(code) ?? code
  return name.charAt(0).toLocaleUpperCase(code) + name.slice(1)
}

/** Speak the language asked for, or else what this browser chose before or prefers. Awaited before anything is rendered;
 * later, everything on the page changes in place, and nothing that is being written is lost. */
export async function speak(wanted: string | null): Promise<void> {
  const code = choose([wanted, recall(), ...navigator.languages])
  const words = await files[`./${code}.json`]?.()
  if (words === undefined) throw new Error(`no such language: ${code}`)
  if (!i18next.isInitialized) {
    await i18next.init({ lng: code, fallbackLng: false, resources: {}, interpolation: { escapeValue: false } })
  }
  i18next.addResourceBundle(code, 'translation', words.default)
  await i18next.changeLanguage(code)
  document.documentElement.lang = code
  nextTurn()
}

/** Keep a choice for the next visit, also before anybody has signed in. */
export function remember(code: string): void {
  localStorage.setItem(KEPT_AS, code)
}

/** From the next visit on, as the browser asks. */
export function forget(): void {
  localStorage.removeItem(KEPT_AS)
}

function recall(): string | null {
  return localStorage.getItem(KEPT_AS)
}

/** The first that we have: `es-MX` is content with `es`. */
function choose(wishes: readonly (string | null)[]): string {
  for (const wish of wishes) {
    if (wish === null) continue
    if (LANGUAGES.includes(wish)) return wish
    const [general = ''] = wish.split('-')
    if (LANGUAGES.includes(general)) return general
  }
  return FALLBACK
}
