/** What a screen reader is told without being asked: who came and went, and a status that worries or relieves. */
import { t } from '../i18n'
import type { Presence } from '../sync/people'
import type { Status } from '../sync/status'

/** Says nothing of the first people seen: they did not join, we did. */
export function movements(before: readonly Presence[], after: readonly Presence[], me: string): string {
  const only = (to: readonly Presence[], from: readonly Presence[]): readonly Presence[] =>
    to.filter(({ id }) => id !== me && !from.some((other) => other.id === id))
  const joined = only(after, before).map(({ name }) => t('people.joined', { name }))
  const left = only(before, after).map(({ name }) => t('people.left', { name }))
  return [...joined, ...left].join(' ')
}

/** Typing flips between saved and saving; only what is unusual is worth an interruption. */
export function statusNews(before: Status, after: Status, words: string): string {
  if (before.kind === after.kind) return ''
  const worries = after.kind === 'waiting' || after.kind === 'full' || after.kind === 'offline' || after.kind === 'ended'
  const relieves = (before.kind === 'waiting' || before.kind === 'full' || before.kind === 'offline') && (after.kind === 'saved' || after.kind === 'read-only')
  return worries || relieves ? words : ''
}
