/** Bookmarks what is open now, under a name that says what it is; and takes a bookmark away with a way back. */
import type { Desk } from '../case/desk.svelte'
import { t } from '../i18n'
import type { Media } from '../media/api'
import { mediaName } from '../media/mediaWords'
import { tell } from '../ui/telling.svelte'
import type { Carried } from '../viewer/carried'
import { clock } from '../viewer/figures'
import { viewing } from '../viewer/viewing.svelte'
import { type Bookmark, bookmarksOf } from './bookmarks.svelte'

/** The view of a medium that is open; null: it has none, or is not open. */
export function viewOf(media: Media) {
  const now = viewing()?.carried() ?? null
  return now?.media === media.id ? now : null
}

/** What it is, and which of its pictures. */
export function titleFor(media: Media, { frame, seconds }: Pick<Carried, 'frame' | 'seconds'>): string {
  const name = mediaName(media)
  if (media.kind === 'dicom') return t('following.bookmarkUntitled', { name, at: frame + 1 })
  if (media.kind === 'pdf') return t('following.bookmarkOfPage', { name, at: frame + 1 })
  return seconds === null ? name : t('following.bookmarkOfMoment', { name, at: clock(seconds) })
}

export function bookmarkView(desk: Desk, media: Media): void {
  const [view, bookmarks] = [viewOf(media), bookmarksOf(desk)]
  if (view === null) return
  const title = titleFor(media, view)
  const id = bookmarks.keep(view, title)
  if (id !== null) tell(t('following.bookmarked', { title }), { label: t('app.undo'), run: () => bookmarks.setRemoved(id, true) })
}

export function removeBookmark(desk: Desk, { id, title }: Bookmark): void {
  const bookmarks = bookmarksOf(desk)
  bookmarks.setRemoved(id, true)
  tell(t('following.removedBookmark', { title }), { label: t('app.undo'), run: () => bookmarks.setRemoved(id, false) })
}
