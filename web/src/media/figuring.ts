/** Puts one of the gallery into the text: where the caret is or last was, or else at the end of the section for images. */
import type { Desk } from '../case/desk.svelte'
import { t } from '../i18n'
import { tell, tellFailure } from '../ui/telling.svelte'
import type { Media } from './api'
import type { Carried } from '../viewer/carried'
import { mediaName } from './mediaWords'

const SECTION = 'imaging'

/** `kept`: so that it opens exactly so, under the words that stand below it. */
export async function intoText(desk: Desk, media: Media, kept: { readonly view: Carried; readonly title: string } | null = null): Promise<void> {
  const name = kept?.title ?? mediaName(media)
  const [{ insertFigure }, { editorIn }] = await Promise.all([import('../editor/figure'), import('../exchange/bring')])
  let { editor } = desk
  if (editor === null || editor.isDestroyed || !editor.isEditable) {
    await desk.go(SECTION, 'text')
    editor = await editorIn(SECTION)
    editor?.commands.setTextSelection(editor.state.doc.content.size)
  } else if (!desk.wide) desk.closePanel()
  if (editor === null || !editor.isEditable || !insertFigure(editor, media.id, name, kept?.view ?? null)) return tellFailure(t('media.notIntoText'))
  tell(t('media.inText', { name }), { label: t('app.undo'), run: () => void editor.commands.undo() })
}
