/** The page's side of the service worker: engaged while this device keeps copies, and how a new version comes in. */

const SCRIPT = '/sw.js'
const LOOK_AGAIN_MS = 60 * 60_000

/** A new version of the page is ready and waits for its turn. */
let waiting = $state.raw<ServiceWorker | null>(null)
/** The page is older than what is served: parts that it has not loaded yet may be gone. */
let outdated = $state(false)
let engaged = false

export function newVersion(): 'none' | 'ready' | 'needed' {
  return outdated ? 'needed' : waiting === null ? 'none' : 'ready'
}

/** Only where copies are kept: elsewhere the page always comes from the server. */
export function engageWorker(): void {
  if (engaged || !('serviceWorker' in navigator) || import.meta.env.DEV) return
  engaged = true
  void register()
}

export async function dismissWorker(): Promise<void> {
  if (!('serviceWorker' in navigator)) return
  engaged = false
  waiting = null
  for (const registration of await navigator.serviceWorker.getRegistrations()) await registration.unregister()
  for (const name of await caches.keys()) await caches.delete(name)
}

/** Load the new version now. The caller has made sure that nothing unsaved goes with the old one. */
export function takeNewVersion(): void {
  if (waiting === null) return location.reload()
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
  waiting.postMessage('take over')
}

/** A part of the page could not be fetched, because the server has a newer one. */
export function noteMissingPart(): void {
  if (navigator.onLine) outdated = true
}

async function register(): Promise<void> {
  try {
    const registration = await navigator.serviceWorker.register(SCRIPT, { scope: '/', updateViaCache: 'none' })
    const look = (): void => {
      // The first worker of all replaces nothing; there is nothing to offer.
      if (navigator.serviceWorker.controller !== null) waiting = registration.waiting
    }
    look()
    registration.active?.postMessage('fill') // one that was dismissed a moment ago comes back without its files
    registration.addEventListener('updatefound', () => registration.installing?.addEventListener('statechange', look))
    setInterval(() => void registration.update().catch(() => undefined), LOOK_AGAIN_MS)
  } catch {
    engaged = false // no HTTPS, or the server is away: a later visit tries again
  }
}
