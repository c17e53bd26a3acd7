/** Addresses of exactly what somebody sees. What stands behind the # never reaches a server, nor a log. */
import { t } from '../i18n'
import { caseAddress } from '../route'
import { tell, tellFailure } from '../ui/telling.svelte'
import { type Carried, pack, unpack } from './carried'

const MARK = '#view='

export function linkTo(id: string, carried: Carried): string {
  return `${caseAddress(id)}${MARK}${encodeURIComponent(JSON.stringify(pack(carried)))}`
}

/** What an address asks to be shown; null: nothing, or nothing that can be. */
export function linked(hash: string): Carried | null {
  if (!hash.startsWith(MARK)) return null
  try {
    return unpack(JSON.parse(decodeURIComponent(hash.slice(MARK.length))))
  } catch {
    return null
  }
}

/** The address is that of the case again. */
export function forgetLink(): void {
  if (location.hash.startsWith(MARK)) history.replaceState(history.state, '', location.pathname + location.search)
}

export async function copyLink(id: string, carried: Carried): Promise<void> {
  try {
    await navigator.clipboard.writeText(new URL(linkTo(id, carried), location.href).href)
    tell(t('viewer.linkCopied'))
  } catch {
    tellFailure(t('viewer.linkNotCopied'))
  }
}
