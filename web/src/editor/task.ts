/** Tasks: a box to tick and what is to be done. */
import { TaskItem as TiptapTaskItem } from '@tiptap/extension-list'
import type { Node } from '@tiptap/pm/model'
import { t } from '../i18n'

export const TaskItem = TiptapTaskItem.extend({
  content: 'block+',

  parseHTML() {
    return [{ tag: 'li[data-type="taskItem"]', priority: 60, contentElement: (element) => element.querySelector('div') ?? element }]
  },

  /** As in the original, with a label that is no text of the record, and nothing set from attributes but the tick. */
  addNodeView() {
    return ({ node, getPos, editor }) => {
      const dom = document.createElement('li')
      const label = document.createElement('label')
      const box = document.createElement('input')
      const contentDOM = document.createElement('div')
      label.contentEditable = 'false'
      box.type = 'checkbox'
      label.append(box)
      dom.append(label, contentDOM)

      const show = (shown: Node): void => {
        const checked = shown.attrs['checked'] === true
        box.checked = checked
        dom.dataset['checked'] = String(checked)
        box.ariaLabel = shown.firstChild?.textContent.trim() || t('write.task') // its own words need no language
      }
      show(node)
      box.disabled = !editor.isEditable
      box.addEventListener('mousedown', (event) => event.preventDefault())
      box.addEventListener('change', () => {
        const at = getPos()
        const now = at === undefined ? null : editor.state.doc.nodeAt(at)
        if (at === undefined || now?.type !== node.type || !editor.isEditable) return
        editor.view.dispatch(editor.state.tr.setNodeAttribute(at, 'checked', box.checked))
      })
      return {
        dom,
        contentDOM,
        update(next) {
          if (next.type !== node.type) return false
          show(next)
          return true
        },
        ignoreMutation: (mutation) => !contentDOM.contains(mutation.target),
        stopEvent: (event) => event.target === box,
      }
    }
  },
}).configure({ nested: true })
