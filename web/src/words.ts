/** The closed sets of words that the API speaks, and how the page says them. */
import { t } from './i18n'

export const MEMBER_ROLES = ['lead', 'contributor', 'consultant', 'observer'] as const
export const ROLES = [...MEMBER_ROLES, 'moderator'] as const
export const STATES = ['draft', 'open', 'concluded', 'archived', 'published', 'purged'] as const
export const STANDINGS = ['clinician', 'moderator', 'admin'] as const
export const RIGHTS = [
  'read',
  'write record',
  'write discussion',
  'own opinion',
  'present',
  'manage members',
  'rename',
  'conclude',
  'read audit log',
  'archive',
] as const

export type MemberRole = (typeof MEMBER_ROLES)[number]
export type Role = (typeof ROLES)[number]
export type CaseState = (typeof STATES)[number]
export type Standing = (typeof STANDINGS)[number]
export type Right = (typeof RIGHTS)[number]

/** A role as a label. What a server of another release calls a role that this page does not know is shown as it came. */
export function roleName(role: string): string {
  const known = ROLES.find((each) => each === role)
  return known === undefined ? role : t(`words.role.${known}`)
}

/** What a role may do, said to the person who gives it. */
export function roleMeans(role: MemberRole): string {
  return t(`words.roleMeans.${role}`)
}

export function stateName(state: CaseState): string {
  return t(`words.state.${state}`)
}

export function stateMeans(state: CaseState): string {
  return t(`words.stateMeans.${state}`)
}

export function standingName(standing: Standing): string {
  return t(`words.standing.${standing}`)
}
