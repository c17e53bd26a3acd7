/** Which page an address shows. */

export type Route =
  | { readonly page: 'cases' }
  | { readonly page: 'case'; readonly id: string }
  /** `id`: one template, or `new`. */
  | { readonly page: 'templates'; readonly id: string | null }
  | { readonly page: 'enter' }
  | { readonly page: 'reset' }
  | { readonly page: 'forgot' }
  | { readonly page: 'account'; readonly part: AccountPart }
  | { readonly page: 'admin'; readonly part: AdminPart; readonly person: string | null }
  | { readonly page: 'unknown' }

const TEMPLATES = /^\/templates(?:\/([a-z0-9-]{1,64}))?\/?$/
export type AccountPart = 'profile' | 'security'
export type AdminPart = 'people' | 'settings' | 'storage' | 'log'

const CASE = /^\/cases\/([a-z2-7]{16})\/?$/
const PERSON = /^\/admin\/people\/([a-z2-7]{16})$/

/** Pages that are the same whoever is here. */
export function isOutside(route: Route): boolean {
  return route.page === 'enter' || route.page === 'reset' || route.page === 'forgot'
}

export function routeOf(path: string): Route {
  if (path === '/' || path === '/cases' || path === '/sign-in') return { page: 'cases' }
  if (path === '/enter') return { page: 'enter' }
  const templates = TEMPLATES.exec(path)
  if (templates !== null) return { page: 'templates', id: templates[1] ?? null }
  if (path === '/reset') return { page: 'reset' }
  if (path === '/forgot-password') return { page: 'forgot' }
  if (path === '/profile') return { page: 'account', part: 'profile' }
  if (path === '/security') return { page: 'account', part: 'security' }
  if (path === '/admin' || path === '/admin/people') return { page: 'admin', part: 'people', person: null }
  if (path === '/admin/settings') return { page: 'admin', part: 'settings', person: null }
  if (path === '/admin/storage') return { page: 'admin', part: 'storage', person: null }
  if (path === '/admin/log') return { page: 'admin', part: 'log', person: null }
  const person = PERSON.exec(path)?.[1]
  if (person !== undefined) return { page: 'admin', part: 'people', person }
  const id = CASE.exec(path)?.[1]
  return id === undefined ? { page: 'unknown' } : { page: 'case', id }
}

export function caseAddress(id: string): string {
  return `/cases/${id}`
}

export function templateAddress(id: string): string {
  return `/templates/${id}`
}

export function personAddress(id: string): string {
  return `/admin/people/${id}`
}
