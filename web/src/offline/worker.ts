/**
 * The service worker: keeps the page itself (never a case, never an answer of the API) so that it opens without a network.
 * Where the server answers in time, the page comes from there; otherwise as it was kept.
 */
import { cacheNames } from 'workbox-core'
import { cleanupOutdatedCaches, getCacheKeyForURL, matchPrecache, precacheAndRoute, type PrecacheEntry } from 'workbox-precaching'

interface Extendable extends Event {
  waitUntil(until: Promise<unknown>): void
}

interface Fetching extends Extendable {
  readonly request: Request
  respondWith(answer: Promise<Response>): void
}

/** What we use of a service worker's global scope; its types and those of a page exclude each other. */
declare const self: {
  readonly clients: { claim(): Promise<void> }
  skipWaiting(): Promise<void>
  addEventListener(type: 'message', listen: (event: Extendable & { readonly data: unknown }) => void): void
  addEventListener(type: 'activate', listen: (event: Extendable) => void): void
  addEventListener(type: 'fetch', listen: (event: Fetching) => void): void
}
/** Set by the build: every file of the page, with what changes when it does. */
declare const __PAGE__: PrecacheEntry[]

/** A server that takes the request and does not answer is as good as none. */
const PATIENCE_MS = 4000
const PAGE = '/index.html'
const NOT_OURS = /^\/(api|yjs|collab|docs|openapi\.json|livez|readyz|metrics)(\/|$)/

cleanupOutdatedCaches()
precacheAndRoute(__PAGE__, { directoryIndex: '', cleanURLs: false })

self.addEventListener('message', (event) => {
  if (event.data === 'take over') void self.skipWaiting()
  if (event.data === 'fill') event.waitUntil(fill())
})

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))

self.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.mode !== 'navigate' || request.method !== 'GET' || origin !== location.origin || NOT_OURS.test(pathname)) return
  event.respondWith(page(request))
})

/** Fetch what is missing of the page: a browser short of room may have thrown it out, or somebody emptied the caches. */
async function fill(): Promise<void> {
  const cache = await caches.open(cacheNames.precache)
  for (const entry of __PAGE__) {
    const key = getCacheKeyForURL(typeof entry === 'string' ? entry : entry.url)
    if (key !== undefined && (await cache.match(key)) === undefined) await cache.add(key)
  }
}

async function page(request: Request): Promise<Response> {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) })
    if (answer.status < 500) return answer
    return (await matchPrecache(PAGE)) ?? answer
  } catch {
    return (await matchPrecache(PAGE)) ?? Response.error()
  }
}
