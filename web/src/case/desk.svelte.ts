/** What the parts of a case's page share: the open record, where the reader is, and what is open beside the record. */
import type { Editor } from '@tiptap/core'
import { type Component, tick } from 'svelte'
import type { Case, Me } from '../api'
import { SECTIONS } from '../sections'
import type { Present } from '../sync/people'
import type { Status } from '../sync/status'
import { OpenDiscussion } from '../discussion/discussion.svelte'
import { together } from '../sync/together'
import { OpenRecord } from './record.svelte'
import { HEAD_PLACE, isInHead } from './whereabouts'

/** A second or less; the title has the focus when the editor cannot be loaded. */
const EDITOR_FRAMES = 60

export type Mounted = Component<{ desk: Desk }>

export class Desk {
  readonly me: Me
  readonly record: OpenRecord
  readonly discussion: OpenDiscussion
  readonly signedOut: () => void
  /** Leave for another page of the application. */
  readonly toPage: (path: string) => void
  /** Of the record and the discussion. Worked out once for all parts: one value for as long as it says the same. */
  readonly status: Status = $derived.by(() => together(this.record.status, this.discussion.status))
  readonly mayWrite: boolean = $derived.by(() => this.record.mayWrite)
  /** Nothing is left to show but what could not be saved. */
  readonly isShut: boolean = $derived.by(() => this.record.status.kind === 'ended')
  /** Room for columns beside the record. */
  wide = $state(false)
  /** The panel that was chosen: a tab where there is room, a sheet where there is not. */
  panel = $state<string | null>(null)
  /** Stands in place of the record for as long as it is set, as an earlier version does. */
  cover = $state.raw<Mounted | null>(null)
  /** The section's text that has or last had the caret. */
  editor = $state.raw<Editor | null>(null)
  unfolded = $state.raw<ReadonlySet<string>>(new Set(SECTIONS.filter(({ first }) => first).map(({ name }) => name)))

  constructor(opened: Case, me: Me, signedOut: () => void, toPage: (path: string) => void) {
    this.me = me
    this.signedOut = signedOut
    this.toPage = toPage
    this.record = new OpenRecord(opened, me)
    this.discussion = new OpenDiscussion(this.record)
  }

  open(panel: string): void {
    this.panel = panel
  }

  closePanel(): void {
    this.panel = null
  }

  toggle(section: string): void {
    const changed = new Set(this.unfolded)
    if (!changed.delete(section)) changed.add(section)
    this.unfolded = changed
  }

  /** To where somebody is: their caret, if they have one. */
  async follow({ id, place }: Present): Promise<void> {
    if (place === null) return
    if (isInHead(place)) {
      if (!this.wide) this.closePanel()
      await tick()
      document.getElementById(HEAD_PLACE)?.scrollIntoView({ behavior: 'smooth' })
      document.querySelector<HTMLElement>(`#${HEAD_PLACE} h1`)?.focus({ preventScroll: true })
      return
    }
    await this.go(place)
    document.querySelector(`#${CSS.escape(place)} .caret[data-person="${CSS.escape(id)}"]`)?.scrollIntoView({ behavior: 'smooth', block: 'center' })
  }

  /** Unfold a section and bring it, and the keyboard, there: to its title, or into its text for whoever wants to write. */
  async go(section: string, into: 'title' | 'text' = 'title'): Promise<void> {
    if (!this.wide) this.closePanel()
    this.cover = null
    this.unfolded = new Set([...this.unfolded, section])
    await tick()
    document.getElementById(section)?.scrollIntoView({ behavior: 'smooth' })
    const text = into === 'text' && this.mayWrite ? await this.#textOf(section) : null
    const target = text ?? document.getElementById(`${section}-title`)
    target?.focus({ preventScroll: true })
  }

  /** An editor that was never unfolded takes some frames to come. */
  async #textOf(section: string): Promise<HTMLElement | null> {
    for (let frame = 0; frame < EDITOR_FRAMES; frame += 1) {
      const text = document.querySelector<HTMLElement>(`#${section} [contenteditable="true"]`)
      if (text !== null) return text
      await new Promise(requestAnimationFrame)
    }
    return null
  }
}
