/** Which field the server did not like: its details begin with the field's name (docs/http.md). */
import type { Problem } from '../api'

const isAbout = (problem: Problem, field: string): boolean =>
  problem.kind === 'refused' && problem.reason === 'invalid-request' && problem.detail?.startsWith(`${field}:`) === true

export const isWeakPassword = (problem: Problem): boolean => isAbout(problem, 'password')

export const isWrongOldPassword = (problem: Problem): boolean => isAbout(problem, 'old')

export const isBadName = (problem: Problem): boolean => isAbout(problem, 'name')

export const isBadEmail = (problem: Problem): boolean => isAbout(problem, 'email')
