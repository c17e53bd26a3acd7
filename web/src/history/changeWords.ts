/** What happened to a part, in words. */
import { figureWords } from '../editor/figureWords'
import { language, t } from '../i18n'
import { exactly } from '../time'
import { initialsOf, type Ledger, nameOf } from './ledger.svelte'
import { type Change, isOne, type Node, type Part } from './walk'

/** Blocks that only hold others: what came or went is said of what is in them. */
const HOLDERS = new Set(['bulletList', 'orderedList', 'taskList', 'listItem', 'taskItem', 'table', 'tableRow', 'tableCell', 'tableHeader'])

/** The change that is to be shown at a node: none where all of it is shown at what is in it, or around it. */
export function shownAt(node: Node, inside: Change | null): Change | null {
  const { change } = node
  if (change === null || (change.kind !== 'look' && HOLDERS.has(node.name))) return null
  return isPartOf(change, inside) ? null : change
}

/** What went with what it was in, or came with it by the same person, needs no sign of its own. */
export function isPartOf(change: Change, around: Change | null): boolean {
  if (around === null || around.kind === 'look' || change.kind !== around.kind) return false
  return change.kind === 'out' || isOne(change, around)
}

export function hasChange(parts: readonly Part[]): boolean {
  return parts.some((part) => part.change !== null || (part.kind === 'node' && hasChange(part.children)))
}

/** Everybody who changed something in there. */
export function changersIn(parts: readonly Part[], found = new Set<string | null>()): ReadonlySet<string | null> {
  for (const part of parts) {
    if (part.change !== null) for (const who of [part.change.who, ...(part.change.movers ?? [])]) found.add(who)
    if (part.kind === 'node') changersIn(part.children, found)
  }
  return found
}

/** "Added by Dr Amara Okafor" */
export function doneBy(change: Change, ledger: Ledger): string {
  const who = nameOf(ledger.person(change.who))
  switch (change.kind) {
    case 'in':
      return change.movers === undefined ? t('history.addedBy', { who }) : t('history.movedBy', { who, by: listed(change.movers, ledger) })
    case 'out':
      return t('history.removedBy', { who })
    case 'look':
      return t('history.changedBy', { who })
    default:
      return change.kind satisfies never
  }
}

function listed(people: readonly string[], ledger: Ledger): string {
  return new Intl.ListFormat(language(), { type: 'conjunction' }).format(people.map((id) => nameOf(ledger.person(id))))
}

/** Initials of who did it; of what was moved, also of who moved it. */
export function signOf({ who, movers = [] }: Change, ledger: Ledger): string {
  return [who, ...movers].map((id) => initialsOf(ledger.person(id))).join(' → ')
}

/** Whether something in there was moved by another one than who wrote it. */
export function hasMoved(parts: readonly Part[]): boolean {
  return parts.some((part) => part.change?.movers !== undefined || (part.kind === 'node' && hasMoved(part.children)))
}

/** "Added by Dr Amara Okafor, yesterday at noon" */
export function doneWhen(change: Change, ledger: Ledger): string {
  const done = doneBy(change, ledger)
  return change.at === null ? done : `${done}, ${exactly(change.at)}`
}

/** What a part says, as plain text. */
export function wordsOf(part: Part): string {
  if (part.kind === 'text') return part.text
  if (part.name === 'hardBreak') return '\n'
  if (part.name === 'mention') return `@${String(part.attributes['label'] ?? '?')}`
  if (part.name === 'figure') return figureWords(part.attributes['label'])
  const joint = part.name === 'table' || part.name.endsWith('List') ? '\n' : part.name === 'tableRow' ? ' · ' : ''
  return part.children.map(wordsOf).join(joint)
}
