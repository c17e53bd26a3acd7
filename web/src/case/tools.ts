/** What the toolbar does to the text: one list for the buttons, the palette and the help sheet. */
import type { Editor } from '@tiptap/core'
import type { IconName } from '../Icon.svelte'
import { t } from '../i18n'
import { HEADING_LEVELS } from '../sections'
import type { Group } from './commands.svelte'

export interface Tool {
  readonly id: string
  readonly icon: IconName
  /** Under the icon: one word where it can be. */
  readonly name: () => string
  /** In the palette and for those who hear it. */
  readonly title: () => string
  readonly group: Group
  readonly keys?: string
  /** The keys are ours and not the editor's. */
  readonly keysAreOurs?: boolean
  /** The lower, the longer it stays in the row when that gets narrow. */
  readonly rank: number
  /** Stands apart from what is before it. */
  readonly apart?: boolean
  readonly run: (editor: Editor) => void
  readonly isOn?: (editor: Editor) => boolean
  readonly can?: (editor: Editor) => boolean
}

export interface Doors {
  readonly link: () => void
  readonly importFile: () => void
  readonly figure: () => void
  readonly all: () => void
  readonly who: () => void
}

const [HEADING, SUBHEADING] = HEADING_LEVELS

export function textTools(doors: Doors): readonly Tool[] {
  return [
    {
      id: 'write.bold',
      icon: 'bold',
      name: () => t('write.bold'),
      title: () => t('write.boldLong'),
      group: 'write',
      keys: 'Mod-B',
      rank: 1,
      run: (e) => void e.chain().focus().toggleBold().run(),
      isOn: (e) => e.isActive('bold'),
    },
    {
      id: 'write.italic',
      icon: 'italic',
      name: () => t('write.italic'),
      title: () => t('write.italicLong'),
      group: 'write',
      keys: 'Mod-I',
      rank: 6,
      run: (e) => void e.chain().focus().toggleItalic().run(),
      isOn: (e) => e.isActive('italic'),
    },
    {
      id: 'write.link',
      icon: 'link',
      name: () => t('write.link'),
      title: () => t('write.linkLong'),
      group: 'write',
      keys: 'Mod-K',
      keysAreOurs: true,
      rank: 9,
      run: () => doors.link(),
      isOn: (e) => e.isActive('link'),
    },
    {
      id: 'write.heading',
      icon: 'heading',
      name: () => t('write.heading'),
      title: () => t('write.headingLong'),
      group: 'write',
      keys: 'Mod-Alt-3',
      rank: 5,
      apart: true,
      run: (e) => void e.chain().focus().toggleHeading({ level: HEADING }).run(),
      isOn: (e) => e.isActive('heading', { level: HEADING }),
      can: (e) => e.can().toggleHeading({ level: HEADING }),
    },
    {
      id: 'write.subheading',
      icon: 'subheading',
      name: () => t('write.subheading'),
      title: () => t('write.subheadingLong'),
      group: 'write',
      keys: 'Mod-Alt-4',
      rank: 11,
      run: (e) => void e.chain().focus().toggleHeading({ level: SUBHEADING }).run(),
      isOn: (e) => e.isActive('heading', { level: SUBHEADING }),
      can: (e) => e.can().toggleHeading({ level: SUBHEADING }),
    },
    {
      id: 'write.bullets',
      icon: 'bullets',
      name: () => t('write.bullets'),
      title: () => t('write.bulletsLong'),
      group: 'write',
      keys: 'Mod-Shift-8',
      rank: 2,
      apart: true,
      run: (e) => void e.chain().focus().toggleBulletList().run(),
      isOn: (e) => e.isActive('bulletList'),
    },
    {
      id: 'write.numbers',
      icon: 'numbers',
      name: () => t('write.numbers'),
      title: () => t('write.numbersLong'),
      group: 'write',
      keys: 'Mod-Shift-7',
      rank: 7,
      run: (e) => void e.chain().focus().toggleOrderedList().run(),
      isOn: (e) => e.isActive('orderedList'),
    },
    {
      id: 'write.tasks',
      icon: 'tasks',
      name: () => t('write.tasks'),
      title: () => t('write.tasksLong'),
      group: 'write',
      keys: 'Mod-Shift-9',
      rank: 4,
      run: (e) => void e.chain().focus().toggleTaskList().run(),
      isOn: (e) => e.isActive('taskList'),
    },
    {
      id: 'write.table',
      icon: 'table',
      name: () => t('write.table'),
      title: () => t('write.tableLong'),
      group: 'insert',
      keys: 'Alt-Shift-T',
      keysAreOurs: true,
      rank: 8,
      apart: true,
      run: (e) => void e.chain().focus().insertTable().run(),
      can: (e) => !e.isActive('table'), // a table inside a table is nothing that anybody wants
    },
    {
      id: 'write.figure',
      icon: 'image',
      name: () => t('write.figure'),
      title: () => t('write.figureLong'),
      group: 'insert',
      keys: 'Alt-Shift-I',
      keysAreOurs: true,
      rank: 8,
      run: () => doors.figure(),
    },
    {
      id: 'write.mention',
      icon: 'mention',
      name: () => t('write.mention'),
      title: () => t('write.mentionLong'),
      group: 'insert',
      keys: '@',
      rank: 10,
      run: startMention,
    },
    {
      id: 'write.import',
      icon: 'import',
      name: () => t('write.import'),
      title: () => t('write.importLong'),
      group: 'insert',
      rank: 12,
      run: () => doors.importFile(),
    },
    {
      id: 'write.undo',
      icon: 'undo',
      name: () => t('write.undo'),
      title: () => t('write.undoLong'),
      group: 'write',
      keys: 'Mod-Z',
      rank: 3,
      apart: true,
      run: (e) => void e.commands.undo(), // the focus goes where something changes
      can: (e) => e.can().undo(),
    },
    {
      id: 'write.redo',
      icon: 'redo',
      name: () => t('write.redo'),
      title: () => t('write.redoLong'),
      group: 'write',
      keys: 'Mod-Y',
      rank: 6,
      run: (e) => void e.commands.redo(),
      can: (e) => e.can().redo(),
    },
    {
      id: 'page.who',
      icon: 'person',
      name: () => t('authors.short'),
      title: () => t('authors.title'),
      group: 'page',
      keys: 'Mod-Shift-E',
      rank: 12,
      apart: true,
      run: () => doors.who(),
    },
    {
      id: 'page.palette',
      icon: 'command',
      name: () => t('write.all'),
      title: () => t('write.openPalette'),
      group: 'page',
      keys: 'Mod-Shift-P',
      rank: 13,
      apart: true,
      run: () => doors.all(),
    },
  ]
}

/** The list of members opens after an `@` that follows a space. */
function startMention(editor: Editor): void {
  const { $from } = editor.state.selection
  const before = $from.parent.textBetween(Math.max(0, $from.parentOffset - 1), $from.parentOffset, undefined, '\ufffc')
  editor.chain().focus().insertContent(before === '' || before === ' ' ? '@' : ' @').run()
}

type TableCommand = 'addRowBefore' | 'addRowAfter' | 'addColumnBefore' | 'addColumnAfter' | 'deleteRow' | 'deleteColumn' | 'toggleHeaderRow' | 'deleteTable'

function tableTool(icon: IconName, command: TableCommand, name: () => string, rank: number, apart = false): Tool {
  return { id: `table.${command}`, icon, name, title: name, group: 'write', rank, apart, run: (e) => void e.chain().focus()[command]().run() }
}

export function tableTools(): readonly Tool[] {
  return [
    tableTool('rowBelow', 'addRowAfter', () => t('write.rowBelow'), 1),
    tableTool('rowAbove', 'addRowBefore', () => t('write.rowAbove'), 3),
    tableTool('columnRight', 'addColumnAfter', () => t('write.columnRight'), 2),
    tableTool('columnLeft', 'addColumnBefore', () => t('write.columnLeft'), 4),
    tableTool('headerRow', 'toggleHeaderRow', () => t('write.headerRow'), 7, true),
    tableTool('deleteRow', 'deleteRow', () => t('write.deleteRow'), 5, true),
    tableTool('deleteColumn', 'deleteColumn', () => t('write.deleteColumn'), 6),
    tableTool('bin', 'deleteTable', () => t('write.deleteTable'), 8),
  ]
}
