/** Images and files in words. Called while rendering. */
import type { Problem } from '../api'
import { isSaid, language, t } from '../i18n'
import type en from '../i18n/en.json'
import { sizeOf } from '../sizes'
import { clockTime, locale } from '../time'
import type { Kind, Media } from './api'
import type { Overall } from './uploading.svelte'
import type { Hold, Why } from './sending'

type Reason = keyof typeof en.media.reason

export function kindName(kind: Kind): string {
  return t(`media.kind.${kind}`)
}

/** What it is and how much of it: "CT or MR, 212 images", "Video, 0:31". */
export function aboutMedia({ kind, files, frames, seconds }: Media): string {
  const count = Math.max(frames ?? 1, files)
  const amount = seconds !== null ? duration(seconds) : count > 1 ? t(kind === 'pdf' ? 'media.pages' : 'media.images', { count }) : null
  return amount === null ? kindName(kind) : t('media.kindAmount', { kind: kindName(kind), amount })
}

/** How one calls it: its caption, or else what it is. */
export function mediaName(media: Media): string {
  return media.caption === '' ? aboutMedia(media) : media.caption
}

/** With what it is, which stands in its picture: "CT of the head, DICOM, 24 images". */
export function calledFully(media: Media): string {
  return media.caption === '' ? aboutMedia(media) : `${media.caption}, ${aboutMedia(media)}`
}

export function duration(seconds: number): string {
  const whole = Math.round(seconds)
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60]
  const padded = (value: number): string => String(value).padStart(2, '0')
  return hours > 0 ? `${hours}:${padded(minutes)}:${padded(rest)}` : `${minutes}:${padded(rest)}`
}

/** Why a file does not go on, and what to do about it. */
export function sayWhy(why: Why): string {
  switch (why.kind) {
    case 'unreadable':
      return t('media.why.unreadable')
    case 'changed':
      return t('media.why.changed')
    case 'another-file':
      return t('media.why.another')
    case 'no-access':
      return t('media.why.noAccess')
    case 'store-refused':
      return t('media.why.store')
    case 'too-large':
      return tooLarge(why.limitBytes)
    case 'refused':
      return why.reason === 'too-large' ? tooLarge(why.limitBytes) : sayReason(why.reason, why.title)
  }
}

function tooLarge(limitBytes: number | null): string {
  return limitBytes === null ? t('media.reason.too-large') : t('media.why.tooLarge', { limit: sizeOf(limitBytes) })
}

/** `title`: what stands in for a word that this page does not know. */
export function sayReason(reason: string, title: string | null = null): string {
  if (isKnown(reason)) return t(`media.reason.${reason}`)
  return title ?? t('media.reason.unknown')
}

function isKnown(reason: string): reason is Reason {
  return isSaid(`media.reason.${reason}`)
}

export function sayHold(hold: Hold): string {
  return t(`media.hold.${hold}`)
}

/** "24 MB of 310 MB, 3.1 MB a second, about 2 minutes left". */
export function sayProgress({ bytes, sent, speed, seconds }: Overall): string {
  const parts = [t('media.sentOf', { sent: sizeOf(sent), all: sizeOf(bytes) })]
  if (speed !== null && speed > 0) parts.push(t('media.speed', { speed: sizeOf(speed) }))
  if (seconds !== null) parts.push(sayLeft(seconds))
  return parts.join(' · ')
}

function sayLeft(seconds: number): string {
  if (seconds < 60) return t('media.leftSeconds', { count: Math.max(1, Math.round(seconds / 5) * 5) })
  if (seconds < 5400) return t('media.leftMinutes', { count: Math.round(seconds / 60) })
  return t('media.leftUntil', { when: clockTime(Date.now() + seconds * 1000) })
}

export function percent(share: number): string {
  return new Intl.NumberFormat(locale(), { style: 'percent' }).format(share)
}

export function listed(words: readonly string[]): string {
  return new Intl.ListFormat(language(), { type: 'conjunction' }).format(words)
}

/** Why something that one did in the gallery was not done. */
export function whyNot(problem: Problem): string {
  if (problem.kind === 'refused' && problem.reason === 'conflict') return t('media.conflict')
  if (problem.kind === 'not-found') return t('media.gone')
  return problem.title
}
