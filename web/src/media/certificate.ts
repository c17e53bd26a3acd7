/** A certificate of cleaning as sentences; what a later release says and this page does not know is left out. */
import { t } from '../i18n'
import { type Fields, fields } from '../parse'

export function certificateLines(certificate: Fields): readonly string[] {
  if (certificate.has('engine')) return dicomLines(certificate)
  const blanked = countIn(certificate, 'blanked')
  return [
    t(`media.cleaned.${kindOf(certificate)}`),
    ...(certificate.get('pictures') === 'encoded' ? [t('media.cleaned.encoded')] : []),
    ...(certificate.get('sound') === 'left-out' ? [t('media.cleaned.noSound')] : []),
    ...(blanked > 0 ? [t('media.cleaned.blanked', { count: blanked })] : []),
    ...digests(certificate),
  ]
}

function kindOf(certificate: Fields): 'photo' | 'video' | 'pdf' {
  const format = String(certificate.get('format'))
  return format.startsWith('video') ? 'video' : format.startsWith('pdf') ? 'pdf' : 'photo'
}

function dicomLines(certificate: Fields): readonly string[] {
  const actions = certificate.get('actions')
  const did = typeof actions === 'object' && actions !== null ? fields(actions) : fields({})
  const counted = [
    [t('media.cleaned.removed', { count: countIn(did, 'removed') + countIn(did, 'emptied') }), countIn(did, 'removed') + countIn(did, 'emptied')],
    [t('media.cleaned.replaced', { count: countIn(did, 'replaced') }), countIn(did, 'replaced')],
    [t('media.cleaned.shifted', { count: countIn(did, 'date-shifted') }), countIn(did, 'date-shifted')],
    [t('media.cleaned.uids', { count: countIn(certificate, 'uids_replaced') }), countIn(certificate, 'uids_replaced')],
  ] as const
  const [blanked, kept] = [lengthOf(certificate, 'blanked'), lengthOf(certificate, 'kept_regions')]
  return [
    t('media.cleaned.dicom', { edition: String(certificate.get('edition') ?? '') }),
    ...counted.flatMap(([words, count]) => (count > 0 ? [words] : [])),
    ...(kept > 0 ? [t('media.cleaned.regions')] : []),
    ...(blanked > 0 ? [t('media.cleaned.blanked', { count: blanked })] : []),
    ...(certificate.get('reviewed') === true ? [t('media.cleaned.reviewed')] : []),
    ...(certificate.has('proof') ? [t('media.cleaned.proof')] : []),
    ...digests(certificate),
  ]
}

/** By which a copy on paper or elsewhere is told to be this one. */
function digests(certificate: Fields): readonly string[] {
  const after = certificate.get('sha256_after')
  return typeof after === 'string' ? [t('media.cleaned.digest', { digest: after })] : []
}

function countIn(from: Fields, name: string): number {
  const value = from.get(name)
  return typeof value === 'number' ? value : 0
}

function lengthOf(from: Fields, name: string): number {
  const value = from.get(name)
  return Array.isArray(value) ? value.length : 0
}
