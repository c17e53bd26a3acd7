/** Where a person is signed in, as they and the administrators see it. */
import type { IconName } from '../Icon.svelte'
import { t } from '../i18n'
import { type Fields, fields, list, number, optionalText, text } from '../parse'

export interface SignIn {
  readonly id: string
  readonly browser: string | null
  readonly system: string | null
  /** The network address of its last use. */
  readonly address: string
  readonly since: number
  readonly seenAt: number
  readonly isThis: boolean
}

const PHONES: ReadonlySet<string | null> = new Set(['iPhone', 'Android'])

export function readSignIns(body: Fields): readonly SignIn[] {
  return list(body, 'sign_ins', (each) => {
    const from = fields(each)
    return {
      id: text(from, 'id'),
      browser: optionalText(from, 'browser'),
      system: optionalText(from, 'system'),
      address: text(from, 'address'),
      since: number(from, 'since'),
      seenAt: number(from, 'seen_at'),
      isThis: from.get('is_this') === true,
    }
  })
}

/** "Firefox on Windows", or as much of it as it says. */
export function deviceName({ browser, system }: SignIn): string {
  if (browser !== null && system !== null) return t('account.device', { browser, system })
  return browser ?? system ?? t('account.unknownBrowser')
}

export function deviceIcon({ system }: SignIn): IconName {
  return PHONES.has(system) ? 'phone' : 'device'
}
