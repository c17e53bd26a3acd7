/** AES-GCM (256 bits) around whatever is kept on the device, bound to the place where it is kept. */

export interface Sealed {
  /** Which key of the vault. */
  readonly key: string
  readonly iv: Uint8Array<ArrayBuffer>
  readonly body: ArrayBuffer
}

export interface Key {
  readonly id: string
  /** Not extractable: scripts may use it, none can read it. */
  readonly key: CryptoKey
}

const IV_BYTES = 12

/** The key from the server's answer (base64url), and an id that does not give it away. */
export async function importKey(text: string): Promise<Key> {
  const raw = Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0))
  const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt'])
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', raw))
  raw.fill(0)
  return { id: [...digest.slice(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(''), key }
}

export async function seal({ id, key }: Key, place: string, plain: Uint8Array): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
  const body = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: named(place) }, key, new Uint8Array(plain))
  return { key: id, iv, body }
}

/** Throws when the bytes were changed, belong elsewhere, or were sealed with another key. */
export async function unseal(keys: readonly Key[], place: string, sealed: Sealed): Promise<Uint8Array> {
  const found = keys.find(({ id }) => id === sealed.key)
  if (found === undefined) throw new Error('sealed with a key that is gone')
  const opened = await crypto.subtle.decrypt(
    { name: 'AES-GCM', iv: sealed.iv, additionalData: named(place) },
    found.key,
    sealed.body,
  )
  return new Uint8Array(opened)
}

function named(place: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(place))
}
