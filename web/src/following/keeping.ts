/** Bookmarks what is open now, under a name that says what it is; and takes a bookmark away with a way back. */
import type { Desk } from '../case/desk.svelte'
import { t } from '../i18n'
import type { Media } from '../media/api'
import { mediaName } from '../media/mediaWords'
import { tell } from '../ui/telling.svelte'
import { viewing } from '../viewer/viewing.svelte'
import { type Bookmark, bookmarksOf } from './bookmarks.svelte'

/** The view of a medium that is open; null: it has none, or is not open. */
export function viewOf(media: Media) {
  const now = viewing()?.carried() ?? null
  return now?.media === media.id ? now : null
}

export function titleFor(media: Media, frame: number): string {
  return media.kind === 'dicom' ? t('following.bookmarkUntitled', { name: mediaName(media), at: frame + 1 }) : mediaName(media)
}

export function bookmarkView(desk: Desk, media: Media): void {
  const [view, bookmarks] = [viewOf(media), bookmarksOf(desk)]
  if (view === null) return
  const title = titleFor(media, view.frame)
  const id = bookmarks.keep(view, title)
  if (id !== null) tell(t('following.bookmarked', { title }), { label: t('app.undo'), run: () => bookmarks.setRemoved(id, true) })
}

export function removeBookmark(desk: Desk, { id, title }: Bookmark): void {
  const bookmarks = bookmarksOf(desk)
  bookmarks.setRemoved(id, true)
  tell(t('following.removedBookmark', { title }), { label: t('app.undo'), run: () => bookmarks.setRemoved(id, false) })
}
