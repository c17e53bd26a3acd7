/** How the page speaks and looks, as the groups of a menu. */
import { LANGUAGES, language, nameOf, remember, speak, t } from '../i18n'
import type { Group } from './Menu.svelte'
import { chooseTheme, type Theme, theme, THEMES } from './theme.svelte'

const ICONS = { system: 'theme', light: 'sun', dark: 'moon' } as const satisfies Record<Theme, string>

/** Change the language of the page in place, and keep it for the next visit from this browser. */
export async function chooseLanguage(code: string): Promise<void> {
  await speak(code)
  remember(code)
}

export function languageGroup(chosen: (code: string) => void): Group {
  return {
    title: t('look.language'),
    choices: LANGUAGES.map((code) => ({ label: nameOf(code), lang: code, chosen: code === language(), run: () => chosen(code) })),
  }
}

export function themeGroup(): Group {
  return {
    title: t('look.theme'),
    choices: THEMES.map((each) => ({
      label: t(`look.${each}`),
      icon: ICONS[each],
      chosen: each === theme(),
      run: () => chooseTheme(each),
    })),
  }
}
