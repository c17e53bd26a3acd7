/** Light, dark, or as the system; kept for this browser. `public/theme.js` reads the same place before the first paint. */

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const KEPT_AS = 'consilium.theme'

let chosen = $state<Theme>(THEMES.find((each) => each === document.documentElement.dataset['theme']) ?? 'system')

export function theme(): Theme {
  return chosen
}

export function chooseTheme(wanted: Theme): void {
  chosen = wanted
  if (wanted === 'system') {
    delete document.documentElement.dataset['theme']
    localStorage.removeItem(KEPT_AS)
  } else {
    document.documentElement.dataset['theme'] = wanted
    localStorage.setItem(KEPT_AS, wanted)
  }
}
