/** What administrators look after: people and their sign-ins, settings in effect, storage used. */
import { readSignIns, type SignIn } from '../account/signIns'
import { type Answer, ask } from '../api'
import { type Fields, fields, list, number, oneOf, optionalText, text } from '../parse'
import { type Standing, STANDINGS } from '../words'

export interface Account {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly color: string
  readonly standing: Standing
  readonly profession: string
  readonly specialty: string
  readonly registration: string
  readonly picture: string | null
  readonly active: boolean
  readonly hasPassword: boolean
  readonly createdAt: number
  /** None: signed in nowhere. */
  readonly seenAt: number | null
}

export interface AccountPage {
  readonly people: readonly Account[]
  readonly total: number
}

/** A link that works once, to hand over. */
export interface HandedOver {
  /** With the address of the page before it. */
  readonly link: string
  readonly expiresAt: number
}

export const SOURCES = ['default', 'environment', 'file', 'command line'] as const
export type Source = (typeof SOURCES)[number]

export interface Setting {
  readonly name: string
  readonly value: string
  readonly source: Source
}

export interface CaseRoom {
  readonly id: string
  readonly documents: number
  readonly entries: number
  readonly bytes: number
}

export interface Storage {
  readonly databaseBytes: number
  readonly people: number
  readonly pictures: number
  readonly pictureBytes: number
  readonly documents: number
  readonly entries: number
  readonly entryBytes: number
  readonly snapshots: number
  readonly snapshotBytes: number
  readonly cases: readonly CaseRoom[]
}

export const PAGE = 50

export function findPeople(search: string, offset: number): Promise<Answer<AccountPage>> {
  const query = new URLSearchParams({ search, offset: `${offset}`, limit: `${PAGE}` })
  return ask('GET', `/api/admin/people?${query}`, null, (body) => ({
    people: list(body, 'people', account),
    total: number(body, 'total'),
  }))
}

export const addPerson = (
  email: string,
  name: string,
  standing: Standing,
): Promise<Answer<{ readonly person: Account } & HandedOver>> =>
  ask('POST', '/api/admin/people', { email, name, standing }, (body) => ({
    person: account(body.get('person')),
    ...handedOver(body),
  }))

export const findPerson = (id: string): Promise<Answer<Account>> =>
  ask('GET', address(id), null, (body) => account(body.get('person')))

export const changePerson = (
  id: string,
  change: { readonly standing: Standing } | { readonly active: boolean },
): Promise<Answer<Account>> => ask('PATCH', address(id), change, (body) => account(body.get('person')))

export const makeResetLink = (id: string): Promise<Answer<HandedOver>> => ask('POST', `${address(id)}/reset-link`, {}, handedOver)

export const signInsOf = (id: string): Promise<Answer<readonly SignIn[]>> =>
  ask('GET', `${address(id)}/sign-ins`, null, readSignIns)

export const endSignIn = (id: string, signIn: string): Promise<Answer<readonly SignIn[]>> =>
  ask('DELETE', `${address(id)}/sign-ins/${encodeURIComponent(signIn)}`, null, readSignIns)

export const endSignIns = (id: string): Promise<Answer<readonly SignIn[]>> =>
  ask('DELETE', `${address(id)}/sign-ins`, null, readSignIns)

export const listSettings = (): Promise<Answer<readonly Setting[]>> =>
  ask('GET', '/api/admin/settings', null, (body) =>
    list(body, 'settings', (each) => {
      const from = fields(each)
      return { name: text(from, 'name'), value: text(from, 'value'), source: oneOf(from, 'source', SOURCES) }
    }),
  )

export const measureStorage = (): Promise<Answer<Storage>> =>
  ask('GET', '/api/admin/storage', null, (body) => ({
    databaseBytes: number(body, 'database_bytes'),
    people: number(body, 'people'),
    pictures: number(body, 'pictures'),
    pictureBytes: number(body, 'picture_bytes'),
    documents: number(body, 'documents'),
    entries: number(body, 'entries'),
    entryBytes: number(body, 'entry_bytes'),
    snapshots: number(body, 'snapshots'),
    snapshotBytes: number(body, 'snapshot_bytes'),
    cases: list(body, 'cases', (each) => {
      const from = fields(each)
      return {
        id: text(from, 'id'),
        documents: number(from, 'documents'),
        entries: number(from, 'entries'),
        bytes: number(from, 'bytes'),
      }
    }),
  }))

function address(id: string): string {
  return `/api/admin/people/${encodeURIComponent(id)}`
}

function handedOver(body: Fields): HandedOver {
  return { link: `${location.origin}${text(body, 'link')}`, expiresAt: number(body, 'expires_at') }
}

function account(value: unknown): Account {
  const from = fields(value)
  return {
    id: text(from, 'id'),
    name: text(from, 'name'),
    email: text(from, 'email'),
    color: text(from, 'color'),
    standing: oneOf(from, 'standing', STANDINGS),
    profession: text(from, 'profession'),
    specialty: text(from, 'specialty'),
    registration: text(from, 'registration'),
    picture: optionalText(from, 'picture'),
    active: from.get('active') === true,
    hasPassword: from.get('has_password') === true,
    createdAt: number(from, 'created_at'),
    seenAt: from.get('seen_at') === null ? null : number(from, 'seen_at'),
  }
}
