/**
 * Everything that the page can do, in one list: the palette shows it, the help sheet shows its keys, one listener obeys them.
 *
 * A component says what it can do for as long as it is there: `$effect(() => offer([{ id: 'history.open', … }]))`.
 */

import { untrack } from 'svelte'

/** The order of the groups in the palette. */
export const GROUPS = ['go', 'write', 'insert', 'case', 'page'] as const
export type Group = (typeof GROUPS)[number]

export interface Command {
  /** `part.action`; a second offer under the same id stands in for the first. */
  readonly id: string
  readonly group: Group
  /** Called while rendering, so that it follows the language: `() => t('history.open')`. */
  readonly title: () => string
  /** Other words under which people look for it. */
  readonly alias?: () => string
  /** `Mod-Shift-H`: Mod is Command on a Mac and Control elsewhere; the rest are names of `KeyboardEvent.key`, digits of `code`. */
  readonly keys?: string
  /** The keys are obeyed inside the text, by the editor itself; here they are only shown. */
  readonly byEditor?: boolean
  /** Whether it makes sense now; asked each time the palette opens or its keys are pressed. */
  readonly usable?: () => boolean
  readonly run: () => void
}

let offered = $state.raw<readonly Command[]>([])

/** Put commands into the list; call what it returns to take them out again. */
export function offer(commands: readonly Command[]): () => void {
  const ids = new Set(commands.map(({ id }) => id))
  const before = untrack(() => offered) // an effect that offers must not wake itself
  offered = [...before.filter(({ id }) => !ids.has(id)), ...commands]
  return () => {
    offered = untrack(() => offered).filter((command) => !commands.includes(command))
  }
}

/** All commands, in the order of their groups; reactive. */
export function allCommands(): readonly Command[] {
  return GROUPS.flatMap((group) => offered.filter((command) => command.group === group))
}

/** What can be done now. */
export function usableCommands(): readonly Command[] {
  return allCommands().filter(({ usable }) => usable === undefined || usable())
}
