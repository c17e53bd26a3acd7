/** Which page an address shows. */

export type Route =
  | { readonly page: 'cases' }
  | { readonly page: 'case'; readonly id: string }
  /** `id`: one template, or `new`. */
  | { readonly page: 'templates'; readonly id: string | null }
  | { readonly page: 'enter' }
  | { readonly page: 'unknown' }

const TEMPLATES = /^\/templates(?:\/([a-z0-9-]{1,64}))?\/?$/
const CASE = /^\/cases\/([a-z2-7]{16})\/?$/

export function routeOf(path: string): Route {
  if (path === '/' || path === '/cases' || path === '/sign-in') return { page: 'cases' }
  if (path === '/enter') return { page: 'enter' }
  const templates = TEMPLATES.exec(path)
  if (templates !== null) return { page: 'templates', id: templates[1] ?? null }
  const id = CASE.exec(path)?.[1]
  return id === undefined ? { page: 'unknown' } : { page: 'case', id }
}

export function caseAddress(id: string): string {
  return `/cases/${id}`
}

export function templateAddress(id: string): string {
  return `/templates/${id}`
}
