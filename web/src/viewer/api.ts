/** Where the objects of a medium can be read, as the server tells it. */
import { type Answer, ask } from '../api'
import { fields, list, number, text } from '../parse'

export interface Address {
  readonly url: string
  readonly expiresAt: number
}

const address = (id: string, media: string, what: string): string => `/api/cases/${encodeURIComponent(id)}/media/${encodeURIComponent(media)}/${what}`

export function whereManifestIs(id: string, media: string): Promise<Answer<Address>> {
  return ask('GET', address(id, media, 'manifest'), null, (from) => ({ url: text(from, 'url'), expiresAt: number(from, 'expires_at') }))
}

export function signPaths(id: string, media: string, paths: readonly string[]): Promise<Answer<ReadonlyMap<string, Address>>> {
  return ask('POST', address(id, media, 'urls'), { paths }, (body) => {
    const signed = list(body, 'paths', fields)
    return new Map(signed.map((each) => [text(each, 'path'), { url: text(each, 'url'), expiresAt: number(each, 'expires_at') }]))
  })
}
