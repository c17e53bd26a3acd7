/** What the server says beside the document, in stateless JSON messages: mostly, why it did not take an edit. */

export interface Refusal {
  readonly kind: 'refused'
  /** The machine's word, stable across releases: `read-only`, `document-full`… */
  readonly reason: string
  /** One sentence for a person. */
  readonly title: string
}

const UNEXPLAINED: Refusal = { kind: 'refused', reason: 'unknown', title: 'The server did not accept this edit.' }

/** `null` stands for a refusal whose reason never came; messages that this page does not know are `other`. */
export function readRefusal(payload: null): Refusal
export function readRefusal(payload: string): Refusal | { readonly kind: 'case-changed' | 'other' }
export function readRefusal(payload: string | null): Refusal | { readonly kind: 'case-changed' | 'other' } {
  if (payload === null) return UNEXPLAINED
  const message = parse(payload)
  if (message.get('type') === 'case-changed') return { kind: 'case-changed' }
  if (message.get('type') !== 'refused') return { kind: 'other' }
  const reason = message.get('reason')
  const title = message.get('title')
  return {
    kind: 'refused',
    reason: typeof reason === 'string' ? reason : UNEXPLAINED.reason,
    title: typeof title === 'string' ? title : UNEXPLAINED.title,
  }
}

function parse(payload: string): ReadonlyMap<string, unknown> {
  try {
    const value: unknown = JSON.parse(payload)
    return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : [])
  } catch {
    return new Map()
  }
}
