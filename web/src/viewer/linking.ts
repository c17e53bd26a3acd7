/** Addresses of exactly what somebody sees, and of marks. What stands behind the # never reaches a server, nor a log. */
import { t } from '../i18n'
import { caseAddress } from '../route'
import { tell, tellFailure } from '../ui/telling.svelte'
import { type Carried, pack, unpack } from './carried'

const VIEW = '#view='
const MARK = '#mark='
const LONGEST_MARK = 200

export function linkTo(id: string, carried: Carried): string {
  return `${caseAddress(id)}${VIEW}${encodeURIComponent(JSON.stringify(pack(carried)))}`
}

/** What an address asks to be shown; null: nothing, or nothing that can be. */
export function linked(hash: string): Carried | null {
  if (!hash.startsWith(VIEW)) return null
  try {
    return unpack(JSON.parse(decodeURIComponent(hash.slice(VIEW.length))))
  } catch {
    return null
  }
}

/** In the case whose address `path` is. */
export const linkToMark = (path: string, mark: string): string => `${path}${MARK}${encodeURIComponent(mark)}`

/** The mark that an address asks for; null: none. */
export function linkedMark(hash: string): string | null {
  if (!hash.startsWith(MARK)) return null
  try {
    const mark = decodeURIComponent(hash.slice(MARK.length))
    return mark === '' || mark.length > LONGEST_MARK ? null : mark
  } catch {
    return null
  }
}

/** The address is that of the case again. */
export function forgetLink(): void {
  if ([VIEW, MARK].some((each) => location.hash.startsWith(each))) history.replaceState(history.state, '', location.pathname + location.search)
}

export const copyLink = (id: string, carried: Carried): Promise<void> => copy(linkTo(id, carried), t('viewer.linkCopied'))

export const copyMarkLink = (mark: string): Promise<void> => copy(linkToMark(location.pathname, mark), t('marks.linkCopied'))

async function copy(address: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(new URL(address, location.href).href)
    tell(done)
  } catch {
    tellFailure(t('viewer.linkNotCopied'))
  }
}
