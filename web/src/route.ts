/** Which page an address shows. */

export type Route =
  | { readonly page: 'cases' }
  | { readonly page: 'case'; readonly id: string }
  | { readonly page: 'enter' }
  | { readonly page: 'unknown' }

const CASE = /^\/cases\/([a-z2-7]{16})\/?$/

export function routeOf(path: string): Route {
  if (path === '/' || path === '/cases' || path === '/sign-in') return { page: 'cases' }
  if (path === '/enter') return { page: 'enter' }
  const id = CASE.exec(path)?.[1]
  return id === undefined ? { page: 'unknown' } : { page: 'case', id }
}

export function caseAddress(id: string): string {
  return `/cases/${id}`
}
