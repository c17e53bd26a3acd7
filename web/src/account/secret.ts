/** The secret of a link, which stands behind its # and so never reaches a server, a log or a referrer. */

/** Take it out of the address bar and the history at once. Empty: there is none, or it was taken before. */
export function takeSecret(): string {
  const secret = location.hash.slice(1)
  if (secret !== '') history.replaceState(null, '', location.pathname)
  return secret
}
