/** Asks for the import dialog from anywhere on a case's page: the toolbar, the palette, a file dropped on a text. */
import type { Editor } from '@tiptap/core'
import { SECTION_NAMES, type SectionName } from '../sections'

export interface ImportRequest {
  readonly file: File | null
  /** Where it was asked for. */
  readonly section: SectionName | null
}

// One page imports one file at a time.
let wanted = $state.raw<ImportRequest | null>(null)

export function askImport(request: ImportRequest): void {
  wanted = request
}

/** The section that an editor writes. */
export function sectionOf(editor: Editor | null): SectionName | null {
  const id = editor?.view.dom.closest('section')?.id
  return SECTION_NAMES.find((name) => name === id) ?? null
}

export function importAsked(): ImportRequest | null {
  return wanted
}

export function importOver(): void {
  wanted = null
}
