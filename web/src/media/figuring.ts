/** Puts one of the gallery into the text: where the caret is or last was, or else at the end of the section for images. */
import type { Desk } from '../case/desk.svelte'
import { t } from '../i18n'
import { tell, tellFailure } from '../ui/telling.svelte'
import type { Media } from './api'
import { mediaName } from './mediaWords'

const SECTION = 'imaging'

export async function intoText(desk: Desk, media: Media): Promise<void> {
  const [{ insertFigure }, { editorIn }] = await Promise.all([import('../editor/figure'), import('../exchange/bring')])
  let { editor } = desk
  if (editor === null || editor.isDestroyed || !editor.isEditable) {
    await desk.go(SECTION, 'text')
    editor = await editorIn(SECTION)
    editor?.commands.setTextSelection(editor.state.doc.content.size)
  } else if (!desk.wide) desk.closePanel()
  if (editor === null || !editor.isEditable || !insertFigure(editor, media.id, mediaName(media))) return tellFailure(t('media.notIntoText'))
  tell(t('media.inText', { name: mediaName(media) }), { label: t('app.undo'), run: () => void editor.commands.undo() })
}
