/** Every test reads the page in English; there is no browser here whose preference could be asked. */
import i18next from 'i18next'
import en from '../src/i18n/en.json'

await i18next.init({ lng: 'en', resources: { en: { translation: en } }, interpolation: { escapeValue: false } })
