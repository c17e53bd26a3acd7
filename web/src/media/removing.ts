/** Takes something out of the gallery and back: nothing is deleted. */
import type { Desk } from '../case/desk.svelte'
import { t } from '../i18n'
import { tell, tellFailure } from '../ui/telling.svelte'
import type { Media } from './api'
import { mediaName, whyNot } from './mediaWords'

export async function takeAway(desk: Desk, media: Media): Promise<void> {
  const { gallery } = desk.record
  const problem = await gallery.remove(media)
  if (problem !== null) tellFailure(whyNot(problem))
  else tell(t('media.removedOne', { name: mediaName(media) }), { label: t('app.undo'), run: () => void bringBack(desk, media) })
}

export async function bringBack(desk: Desk, media: Media): Promise<void> {
  const problem = await desk.record.gallery.restore(media.id)
  if (problem !== null) tellFailure(whyNot(problem))
  else tell(t('media.restoredOne', { name: mediaName(media) }))
}
