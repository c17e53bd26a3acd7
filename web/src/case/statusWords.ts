/** The status in words, for the line under the title. */
import type { IconName } from '../Icon.svelte'
import type { Ending, Status } from '../sync/status'

export interface StatusWords {
  readonly text: string
  readonly icon: IconName
  readonly tone: 'good' | 'calm' | 'warn' | 'bad'
}

const ENDED: Readonly<Record<Ending, string>> = {
  'signed-out': 'You are signed out',
  'no-access': 'You no longer have access',
  moved: 'The record has changed; reload it',
  unacceptable: 'The server could not accept what this page sent',
}

export function statusWords(status: Status): StatusWords {
  switch (status.kind) {
    case 'connecting':
      return { text: 'Connecting…', icon: 'working', tone: 'calm' }
    case 'saved':
      return { text: 'Saved', icon: 'check', tone: 'good' }
    case 'saving':
      return { text: 'Saving…', icon: 'working', tone: 'calm' }
    case 'waiting':
      return { text: `Not saved yet: ${changes(status.changes)} waiting`, icon: 'clock', tone: 'warn' }
    case 'offline':
      return {
        text: status.changes === 0 ? 'Offline: nothing is waiting to be saved' : `Offline: ${changes(status.changes)} kept in this tab`,
        icon: 'offline',
        tone: 'warn',
      }
    case 'read-only':
      return { text: 'Read-only', icon: 'eye', tone: 'calm' }
    case 'ended':
      return { text: ENDED[status.why], icon: 'stop', tone: 'bad' }
    default:
      return status satisfies never
  }
}

function changes(count: number): string {
  return count === 1 ? '1 change' : `${count} changes`
}
