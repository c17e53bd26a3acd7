/** The rescue drafts of one case, newest first: in this tab, and on the device where it keeps copies. */
import type { Writing } from '../sync/writing'
import { device } from './device.svelte'
import { type Draft, draftName, readDraft } from './drafts'

export class Rescued {
  all = $state.raw<readonly Draft[]>([])
  readonly #case: string
  /** Refused while this page was open. */
  readonly #news = new Set<string>()

  constructor(id: string) {
    this.#case = id
  }

  async recall(): Promise<void> {
    const facts = await device.attempt((vault) => vault.facts(`draft/${this.#case}/`))
    this.all = (facts ?? []).map(({ value }) => readDraft(value)).sort((a, b) => b.at - a.at)
  }

  async add(writing: Writing, reason: string, title: string): Promise<void> {
    this.#news.add(writing.fingerprint)
    await this.bringBack({ id: writing.fingerprint, case: this.#case, at: Date.now(), reason, title, writing })
  }

  isNews({ id }: Draft): boolean {
    return this.#news.has(id)
  }

  /** Of a case that one may not see any more the device keeps nothing. */
  isKept({ reason }: Draft): boolean {
    return device.vault !== null && reason !== 'no-access'
  }

  async bringBack(draft: Draft): Promise<void> {
    this.all = [draft, ...this.all.filter(({ id }) => id !== draft.id)]
    await this.#keep(draft)
  }

  /** There is a better reason to tell than the one that came with the refusal. */
  async explain(id: string, reason: string): Promise<void> {
    const draft = this.all.find((each) => each.id === id)
    if (draft === undefined) return
    const told = { ...draft, reason }
    this.all = this.all.map((each) => (each.id === id ? told : each))
    await this.#keep(told)
  }

  async putAway(draft: Draft): Promise<void> {
    this.#news.delete(draft.id)
    this.all = this.all.filter(({ id }) => id !== draft.id)
    await device.attempt((vault) => vault.forget(draftName(draft)))
  }

  async keepAll(): Promise<void> {
    for (const draft of this.all) await this.#keep(draft)
  }

  async #keep(draft: Draft): Promise<void> {
    if (this.isKept(draft)) await device.attempt((vault) => vault.keep(draftName(draft), draft))
  }
}
