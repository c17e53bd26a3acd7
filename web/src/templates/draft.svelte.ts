/** A template as it is being written: what differs from what the server has, and how it gets there. */
import type { Problem } from '../api'
import type { SectionName } from '../sections'
import { addTemplate, changeTemplate, readTemplate, type Template, type Written } from './api'
import { type ProseNode, sameSections, type Sections } from './prose'

export class Draft {
  language = $state('')
  name = $state('')
  about = $state('')
  sections = $state.raw<Sections>({})
  /** What the server has; none: a new one. */
  kept = $state.raw<Template | null>(null)
  /** What somebody else made of it meanwhile. */
  theirs = $state.raw<Template | null>(null)
  busy = $state(false)
  problem = $state.raw<Problem | null>(null)
  /** Grows when all texts are to be shown anew. */
  turn = $state(0)
  #start: Written

  constructor(kept: Template | null, like: Template | null, language: string) {
    this.kept = kept
    this.language = language
    this.#start = kept ?? { name: '', about: '', sections: {} }
    this.#show(kept ?? like ?? this.#start)
  }

  get isChanged(): boolean {
    const start: Written = this.kept ?? this.#start
    return this.name.trim() !== start.name || this.about.trim() !== start.about || !sameSections(this.sections, start.sections)
  }

  get isWhole(): boolean {
    return this.name.trim() !== '' && this.about.trim() !== ''
  }

  write(section: SectionName, node: ProseNode): void {
    this.sections = { ...this.sections, [section]: node }
  }

  /** Whether it is saved. A conflict leaves everything that was written, and fetches what the other person made. */
  async save(): Promise<boolean> {
    if (this.busy) return false
    this.busy = true
    this.problem = null
    const { name, about, sections, language, kept } = this
    const written = { name, about, sections }
    const answer = await (kept === null ? addTemplate(language, written) : changeTemplate(kept.id, kept.version, written))
    if (answer.ok) {
      this.kept = answer.value
      this.theirs = null
    } else if (kept !== null && answer.problem.kind === 'refused' && answer.problem.reason === 'conflict') {
      const newest = await readTemplate(kept.id)
      if (newest.ok) this.theirs = newest.value
      else this.problem = newest.problem
    } else this.problem = answer.problem
    this.busy = false
    return answer.ok
  }

  /** Mine in the place of theirs. */
  async saveOver(): Promise<boolean> {
    if (this.theirs !== null) this.kept = this.theirs
    return this.save()
  }

  /** Theirs in the place of mine. */
  takeTheirs(): void {
    const theirs = this.theirs
    if (theirs === null) return
    this.kept = theirs
    this.theirs = null
    this.#show(theirs)
  }

  #show({ name, about, sections }: Written): void {
    this.name = name
    this.about = about
    this.sections = sections
    this.turn += 1
  }
}
