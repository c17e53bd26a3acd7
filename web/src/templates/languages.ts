/** Templates by the language they are written in: the reader's own first. */
import { language as spoken, LANGUAGES } from '../i18n'
import type { TemplateBrief } from './api'

export interface InLanguage {
  readonly language: string
  readonly templates: readonly TemplateBrief[]
}

export function byLanguage(templates: readonly TemplateBrief[], own: string): readonly InLanguage[] {
  const languages = [...new Set(templates.map(({ language }) => language))]
  const rank = (language: string): number => (language === own ? 0 : isOf(language, own) ? 1 : 2)
  languages.sort((one, other) => rank(one) - rank(other) || one.localeCompare(other))
  return languages.map((language) => ({ language, templates: templates.filter((each) => each.language === language) }))
}

/** `es-MX` is Spanish too. */
function isOf(language: string, own: string): boolean {
  return language.split('-')[0] === own.split('-')[0]
}

/** A selection that is arbitrary: where this page is likely to be used. What the page and its templates speak comes first. */
const MORE = ['ar', 'ca', 'de', 'eu', 'fr', 'gl', 'it', 'nl', 'pl', 'pt', 'tr', 'zh']

/** What a template can be written in. */
export function writtenIn(templates: readonly TemplateBrief[]): readonly string[] {
  return [...new Set([...LANGUAGES, ...templates.map(({ language }) => language), ...MORE])]
}

/** What a language is called in the reader's own, to stand in a sentence: "inglés". */
export function calledHere(code: string): string {
  return new Intl.DisplayNames([spoken()], { type: 'language' }).of(code) ?? code
}
