/** Takes a cleaned file out of the case; the server notes who did. */
import type { Desk } from '../case/desk.svelte'
import { t } from '../i18n'
import { tell, tellFailure } from '../ui/telling.svelte'
import { downloadMedia, type Media } from './api'
import { whyNot } from './mediaWords'

export async function fetchMedia(desk: Desk, media: Media): Promise<void> {
  const answer = await downloadMedia(desk.record.case.id, media.id)
  if (!answer.ok) return tellFailure(whyNot(answer.problem))
  const link = document.createElement('a')
  link.href = answer.value // the store says that it is to be saved, and under which name
  link.rel = 'noopener'
  link.click()
  tell(t('media.downloading'))
}
