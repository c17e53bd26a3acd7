/** What an event says, in words: who, and what they did. */
import { isSaid, t } from '../i18n'
import type en from '../i18n/en.json'
import { exactly } from '../time'
import type { LoggedEvent, Who } from './api'

/** Every action that a page can say; `tests/e2e` and `web/tests` hold it against the server's list. */
export const ACTIONS = [
  'case.opened',
  'case.refused',
  'cases.listed',
  'cases.searched',
  'document.opened',
  'history.read',
  'document.exported',
  'media.opened',
  'media.downloaded',
  'audit.read',
  'case.created',
  'case.renamed',
  'case.state-changed',
  'document.continued',
  'version.named',
  'version.renamed',
  'version.forgotten',
  'proposal.made',
  'proposal.decided',
  'proposal.put-away',
  'media.begun',
  'media.uploaded',
  'media.ready',
  'media.rejected',
  'media.reviewed',
  'media.changed',
  'media.removed',
  'media.remade',
  'presenting.begun',
  'presenting.handed-over',
  'presenting.taken-over',
  'presenting.ended',
  'member.added',
  'member.role-changed',
  'member.removed',
  'sign-in.succeeded',
  'sign-in.failed',
  'sign-in.ended',
  'sign-in.all-ended',
  'credential.made',
  'credential.ended',
  'password.reset-asked',
  'password.changed',
  'offline-key.made',
  'account.created',
  'account.deactivated',
  'account.reactivated',
  'account.standing-changed',
  'account.profile-changed',
  'account.picture-changed',
  'accounts.read',
  'template.changed',
  'template.reset',
  'audit.anchored',
  'house.backed-up',
  'house.restored',
] as const

type Words = (typeof en)['access']
/** With a count, i18next finds the plural by the word without its ending. */
type Deed = keyof Words['did'] | 'mediaBegun'
type SetOfWords = 'role' | 'state' | 'standing' | 'format' | 'media'

export function nameOf(who: Who): string {
  return who.name ?? t('access.former')
}

/** Who did it, or what did where nobody was signed in. */
export function doer({ who, means }: LoggedEvent): string {
  if (who !== null) return nameOf(who)
  if (means === 'system') return t('access.system')
  if (means === 'command-line') return t('access.commandLine')
  return t('access.nobody')
}

/** What was done, to follow the name: "opened the case". */
export function deed(event: LoggedEvent): string {
  const key = keyOf(event)
  return isDeed(key) ? t(`access.did.${key}`, gaps(event)) : event.action
}

function isDeed(key: string): key is Exclude<Deed, 'mediaBegun_one' | 'mediaBegun_other'> {
  return isSaid(`access.did.${key}`) || key === 'mediaBegun'
}

function keyOf(event: LoggedEvent): string {
  const { action } = event
  const key = action.replaceAll(/[.-](\w)/g, (_, letter: string) => letter.toUpperCase())
  if (action === 'document.opened' && event.document !== 'record') return 'documentOpenedOther'
  if (action === 'document.exported' && event.details.get('kind') === 'paper') return 'documentPrinted'
  if (action === 'document.exported' && !event.details.has('seq')) return 'documentExportedPage'
  if (action === 'proposal.decided' && event.details.get('outcome') === 'declined') return 'proposalDeclined'
  if (action === 'media.rejected' && event.details.get('state') === 'cancelled') return 'mediaCancelled'
  return key
}

function gaps({ person, document, details, who }: LoggedEvent): Record<string, string | number> {
  const of = (name: string): string => String(details.get(name) ?? '')
  const kind = of('kind')
  const until = details.get('until')
  return {
    person: person === null ? t('access.nobodyNamed') : person.id === who?.id ? t('access.themselves') : nameOf(person),
    document: documentName(document),
    role: word('role', of('role')),
    wasRole: word('role', of('was')),
    state: word('state', of('state')),
    wasState: word('state', of('was')),
    standing: word('standing', of('standing')),
    wasStanding: word('standing', of('was')),
    format: word('format', kind),
    media: word('media', kind),
    seq: of('seq'),
    count: Number(details.get('files') ?? 1),
    until: typeof until === 'number' ? exactly(until) : '',
    credential: kind,
    version: of('version'),
    template: of('template'),
    chain: of('chain'),
  }
}

function documentName(document: string | null): string {
  const kind = document?.split('.')[0] ?? ''
  return kind === 'discussion' || kind === 'opinion' ? t(`access.document.${kind}`) : t('access.document.record')
}

/** A word of a closed set as a person says it; of another release, as it came. */
function word(set: SetOfWords, said: string): string {
  switch (set) {
    case 'role':
      return isOf(set, said) ? t(`access.role.${said}`) : said
    case 'state':
      return isOf(set, said) ? t(`access.state.${said}`) : said
    case 'standing':
      return isOf(set, said) ? t(`access.standing.${said}`) : said
    case 'format':
      return isOf(set, said) ? t(`access.format.${said}`) : said
    case 'media':
      return isOf(set, said) ? t(`access.media.${said}`) : said
  }
}

function isOf<S extends SetOfWords>(set: S, said: string): said is string & keyof Words[S] {
  return isSaid(`access.${set}.${said}`)
}
