/** A certificate of cleaning as sentences; what a later release says and this page does not know is left out. */
import { t } from '../i18n'
import type { Fields } from '../parse'

export function certificateLines(certificate: Fields): readonly string[] {
  const format = certificate.get('format')
  return [typeof format === 'string' && format.startsWith('dicom') ? t('media.cleaned.dicom') : t('media.cleaned.photo')]
}
