/** One's own account: passwords, profile, picture, and where one is signed in. */
import { type Answer, ask, type Me, readMe } from '../api'
import { number, optionalText, text } from '../parse'
import { readSignIns, type SignIn } from './signIns'

/** Why a password is easy to guess. */
export const WEAKNESSES = ['short', 'common', 'own', 'keyboard', 'repeat', 'sequence', 'date', 'word', 'simple'] as const
export type Weakness = (typeof WEAKNESSES)[number]
export const SCORES = [0, 1, 2, 3, 4] as const
export type Score = (typeof SCORES)[number]

export interface Strength {
  readonly score: Score
  readonly isEnough: boolean
  readonly weakness: Weakness | null
}

/** Whose reset link it is. */
export interface Owner {
  readonly name: string
  readonly email: string
  readonly language: string | null
}

export interface ProfileChange {
  readonly name?: string
  readonly profession?: string
  readonly specialty?: string
  readonly registration?: string
  readonly language?: string | null
}

/** Whether this server sends reset links by mail. */
export const sendsMail = (): Promise<Answer<boolean>> =>
  ask('GET', '/api/sign-in', null, (body) => body.get('reset_by_mail') === true)

export const requestReset = (email: string): Promise<Answer<null>> => ask('POST', '/api/password-resets', { email }, () => null)

export const ownerOf = (reset: string): Promise<Answer<Owner>> =>
  ask('POST', '/api/password-resets/owner', { reset }, (body) => ({
    name: text(body, 'name'),
    email: text(body, 'email'),
    language: optionalText(body, 'language'),
  }))

export const resetPassword = (reset: string, password: string): Promise<Answer<Me>> =>
  ask('POST', '/api/password-resets/use', { reset, password }, readMe)

export const changePassword = (old: string, password: string): Promise<Answer<null>> =>
  ask('PUT', '/api/me/password', { old, password }, () => null)

/** How hard a password is to guess; for who is signed in, or holds a reset link. */
export const rate = (password: string, reset: string | null): Promise<Answer<Strength>> =>
  ask('POST', '/api/password-strength', reset === null ? { password } : { password, reset }, (body) => {
    const [score, weakness] = [number(body, 'score'), optionalText(body, 'weakness')]
    return {
      score: SCORES.find((each) => each === score) ?? 0,
      isEnough: body.get('is_enough') === true,
      weakness: weakness === null ? null : (WEAKNESSES.find((each) => each === weakness) ?? 'simple'),
    }
  })

export const changeProfile = (change: ProfileChange): Promise<Answer<Me>> => ask('PATCH', '/api/me', change, readMe)

export const setPicture = (picture: Blob): Promise<Answer<Me>> => ask('PUT', '/api/me/picture', picture, readMe)

export const removePicture = (): Promise<Answer<Me>> => ask('DELETE', '/api/me/picture', null, readMe)

export const mySignIns = (): Promise<Answer<readonly SignIn[]>> => ask('GET', '/api/me/sign-ins', null, readSignIns)

export const endMySignIn = (id: string): Promise<Answer<readonly SignIn[]>> =>
  ask('DELETE', `/api/me/sign-ins/${encodeURIComponent(id)}`, null, readSignIns)

export const endMyOtherSignIns = (): Promise<Answer<readonly SignIn[]>> => ask('DELETE', '/api/me/sign-ins', null, readSignIns)
