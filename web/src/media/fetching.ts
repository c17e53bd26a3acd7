/** Takes cleaned files out of the case; the server notes who did. [GAL-18] */
import type { Desk } from '../case/desk.svelte'
import { t } from '../i18n'
import { sizeOf } from '../sizes'
import { ask } from '../ui/asking.svelte'
import { tell, tellFailure, tellUnderway } from '../ui/telling.svelte'
import { type Download, downloadMedia, type Media } from './api'
import { placeFor, type Keep } from './keeping'
import { whyNot } from './mediaWords'
import { zipOf } from './zipping'

/** A browser that is asked for files too fast takes only the first. */
const APART_MS = 400

export async function fetchMedia(desk: Desk, media: Media): Promise<void> {
  const answer = await downloadMedia(desk.record.case.id, media.id)
  if (!answer.ok) return tellFailure(whyNot(answer.problem))
  const files = answer.value
  if (files.length === 1) return oneByOne(files)
  const bytes = sum(files)
  if (!(await mayFetch(files, bytes))) return
  const keep = await placeFor(nameOf(files), bytes)
  if (keep === 'declined') return
  if (keep === null) return oneByOne(files)
  await asZip(files, bytes, keep, async () => {
    const again = await downloadMedia(desk.record.case.id, media.id)
    return again.ok ? again.value : null
  })
}

function mayFetch(files: readonly Download[], bytes: number): Promise<boolean> {
  const size = sizeOf(bytes)
  return ask({ title: t('media.downloadMany', { count: files.length }), text: t('media.downloadManyText', { size }), yes: t('media.download') })
}

async function asZip(files: readonly Download[], bytes: number, keep: Keep, again: () => Promise<readonly Download[] | null>): Promise<void> {
  const stop = new AbortController()
  const underway = tellUnderway(t('media.zipping', { count: files.length, size: sizeOf(bytes) }), { label: t('app.cancel'), run: () => stop.abort() })
  const stay = (event: BeforeUnloadEvent): void => event.preventDefault()
  window.addEventListener('beforeunload', stay)
  try {
    await keep(zipOf({ files, again, told: (came) => underway.reach(bytes === 0 ? 1 : came / bytes), stop: stop.signal }))
    tell(t('media.zipped', { count: files.length }))
  } catch {
    if (stop.signal.aborted) tell(t('media.zipCancelled'))
    else tellFailure(t('media.zipFailed'))
  } finally {
    window.removeEventListener('beforeunload', stay)
    underway.end()
  }
}

async function oneByOne(files: readonly Download[]): Promise<void> {
  for (const [at, file] of files.entries()) {
    if (at > 0) await new Promise((resolve) => setTimeout(resolve, APART_MS))
    save(file)
  }
  tell(t('media.downloading', { count: files.length }))
}

function sum(files: readonly Download[]): number {
  return files.reduce((all, file) => all + file.size, 0)
}

/** As its files are called: "dicom-3-1.dcm" is one of "dicom-3.zip". The server's names say nothing of whom they show. */
function nameOf(files: readonly Download[]): string {
  return `${files[0]?.name.replace(/(-\d+)?\.[a-z0-9]+$/, '') ?? 'files'}.zip`
}

/** The store says that it is to be saved, and under which name. */
function save({ url }: Download): void {
  const link = document.createElement('a')
  link.href = url
  link.rel = 'noopener'
  link.click()
}
