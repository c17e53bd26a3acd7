/** Takes cleaned files out of the case; the server notes who did. */
import type { Desk } from '../case/desk.svelte'
import { t } from '../i18n'
import { sizeOf } from '../sizes'
import { ask } from '../ui/asking.svelte'
import { tell, tellFailure } from '../ui/telling.svelte'
import { type Download, downloadMedia, type Media } from './api'
import { whyNot } from './mediaWords'

/** A browser that is asked for files too fast takes only the first. */
const APART_MS = 400

export async function fetchMedia(desk: Desk, media: Media): Promise<void> {
  const answer = await downloadMedia(desk.record.case.id, media.id)
  if (!answer.ok) return tellFailure(whyNot(answer.problem))
  const files = answer.value
  if (files.length > 1 && !(await mayFetch(files))) return
  for (const [at, file] of files.entries()) {
    if (at > 0) await new Promise((resolve) => setTimeout(resolve, APART_MS))
    save(file)
  }
  tell(t('media.downloading', { count: files.length }))
}

function mayFetch(files: readonly Download[]): Promise<boolean> {
  const size = sizeOf(files.reduce((sum, file) => sum + file.size, 0))
  return ask({ title: t('media.downloadMany', { count: files.length }), text: t('media.downloadManyText', { size }), yes: t('media.download') })
}

/** The store says that it is to be saved, and under which name. */
function save({ url }: Download): void {
  const link = document.createElement('a')
  link.href = url
  link.rel = 'noopener'
  link.click()
}
