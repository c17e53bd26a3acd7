/** Which addresses a link in the record may have; whatever another client wrote passes here before it becomes an attribute. */

const SCHEMES = new Set(['http:', 'https:', 'mailto:'])
const MAX_LENGTH = 2000
const LOOKS_LIKE_HOST = /^(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+\p{L}{2,}(?::\d+)?(?:[/?#]\S*)?$/u
const LOOKS_LIKE_MAIL = /^[^\s@:/]+@[^\s@:/]+\.[^\s@:/]+$/

/** The address in its normal form, or null: only http, https and mailto, without a name and password in it. */
export function safeHref(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > MAX_LENGTH || !URL.canParse(value)) return null
  const url = new URL(value)
  if (!SCHEMES.has(url.protocol) || url.username !== '' || url.password !== '') return null
  return url.href.length > MAX_LENGTH ? null : url.href
}

/** The address itself, where a mail program or Google put its own counting one before it. */
export function directHref(href: string | null): string | null {
  if (href === null) return null
  const { hostname, pathname, searchParams } = new URL(href)
  const asked = hostname.endsWith('.safelinks.protection.outlook.com') ? 'url' : hostname === 'www.google.com' && pathname === '/url' ? 'q' : null
  return (asked === null ? null : safeHref(searchParams.get(asked))) ?? href
}

/** What somebody typed into a field for an address: `example.org` and `ada@example.org` are meant as one. */
export function hrefFrom(typed: string): string | null {
  const text = typed.trim()
  if (LOOKS_LIKE_MAIL.test(text)) return safeHref(`mailto:${text}`)
  return safeHref(LOOKS_LIKE_HOST.test(text) ? `https://${text}` : text)
}

/** Text that is nothing but an address: pasted, it becomes a link. */
export function hrefAlone(text: string): string | null {
  return /^(?:https?:\/\/|mailto:)\S+$/i.test(text.trim()) ? safeHref(text.trim()) : null
}
