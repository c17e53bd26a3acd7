/** Takes files from the browser's pickers, drops and pastes to the uploader, and says what was left out. */
import { t } from '../i18n'
import { tell } from '../ui/telling.svelte'
import { type Gathered, gatherEntries, gatherFiles, MOST_FILES } from './gather'
import { listed } from './mediaWords'
import { droppedEntries } from './origins'
import { uploading } from './uploading.svelte'

/** `expected`: digests of the files that were asked for again. */
export async function addFiles(caseId: string, files: readonly File[], isFolder: boolean, expected: ReadonlySet<string> | null = null): Promise<void> {
  await add(caseId, gatherFiles(files), isFolder, expected)
}

/** Called in the event itself: what is dropped is gone when the event is over. */
export async function addDropped(caseId: string, data: DataTransfer): Promise<void> {
  const files = [...data.files]
  const known = await droppedEntries(data)
  if (known.length === 0) return addFiles(caseId, files, false)
  await add(caseId, await gatherEntries(known), known.some(({ isDirectory }) => isDirectory), null)
}

/** Pictures of the clipboard, where no words came with them: those of a text are the text's. */
export function pastedPictures(data: DataTransfer | null): readonly File[] {
  if (data === null || data.getData('text/plain').trim() !== '') return []
  const files = [...data.files]
  return files.every(({ type }) => type.startsWith('image/')) ? files : []
}

async function add(caseId: string, gathered: Gathered, isFolder: boolean, expected: ReadonlySet<string> | null): Promise<void> {
  const foreign = await uploading.add(caseId, gathered, isFolder, expected)
  const { system, directory, empty } = gathered.skipped
  const said = [
    ...(directory > 0 ? [t('media.skipped.directory', { count: directory })] : []),
    ...(system > 0 ? [t('media.skipped.system', { count: system })] : []),
    ...(empty > 0 ? [t('media.skipped.empty', { count: empty })] : []),
    ...(foreign > 0 ? [t('media.skipped.foreign', { count: foreign })] : []),
  ]
  const sent = gathered.files.length - foreign
  if (gathered.isCut) tell(t('media.cut', { count: MOST_FILES }))
  if (sent === 0) tell(said.length === 0 ? t('media.noFiles') : t('media.onlySkipped', { what: listed(said) }))
  else if (said.length > 0) tell(t('media.skippedSome', { what: listed(said) }))
}
