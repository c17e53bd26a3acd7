/** The status in words: the line itself, and what it means. Called while rendering. */
import type { IconName } from '../Icon.svelte'
import { t } from '../i18n'
import type { Status, Where } from '../sync/status'

export interface StatusWords {
  readonly text: string
  readonly icon: IconName
  readonly tone: 'good' | 'calm' | 'warn' | 'bad'
  /** What it means, and what to do. */
  readonly about: string
}

export function statusWords(status: Status): StatusWords {
  switch (status.kind) {
    case 'connecting':
      return { text: t('status.connecting'), icon: 'working', tone: 'calm', about: t('status.about.connecting') }
    case 'saved':
      return { text: t('status.saved'), icon: 'check', tone: 'good', about: t('status.about.saved') }
    case 'saving':
      return { text: t('status.saving'), icon: 'working', tone: 'calm', about: t('status.about.saving') }
    case 'waiting':
      return { text: t('status.waiting', { count: status.changes }), icon: 'clock', tone: 'warn', about: t('status.about.waiting') }
    case 'full':
      return { text: t('status.full', { count: status.changes }), icon: 'stop', tone: 'bad', about: t('status.about.full') }
    case 'offline':
      return { text: offlineText(status), icon: 'offline', tone: 'warn', about: offlineAbout(status) }
    case 'read-only':
      return { text: t('status.readOnly'), icon: 'eye', tone: 'calm', about: t('status.about.readOnly') }
    case 'ended':
      if (status.why === 'no-access') return { text: t('status.noAccess'), icon: 'stop', tone: 'bad', about: t('status.about.noAccess') }
      return { text: t('status.readOnly'), icon: 'eye', tone: 'bad', about: t(`status.about.${status.why}`) }
    default:
      return status satisfies never
  }
}

type Offline = Extract<Status, { kind: 'offline' }>

function offlineText({ because, changes, where }: Offline): string {
  if (because === 'busy') return busyText(changes, where)
  if (changes === 0) return t('status.offlineNone')
  return t(where === 'device' ? 'status.offlineDevice' : 'status.offlineTab', { count: changes })
}

function busyText(changes: number, where: Where): string {
  if (changes === 0) return t('status.busyNone')
  return t(where === 'device' ? 'status.busyDevice' : 'status.busyTab', { count: changes })
}

function offlineAbout({ because, where }: Offline): string {
  if (because === 'signed-out') return t(where === 'device' ? 'status.about.signedOutDevice' : 'status.about.signedOutTab')
  if (because === 'busy') return t(where === 'device' ? 'status.about.busyDevice' : 'status.about.busyTab')
  return t(where === 'device' ? 'status.about.offlineDevice' : 'status.about.offlineTab')
}
