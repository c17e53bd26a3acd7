/** Where marks of a case come from: its discussion. Null: there is none here. */
import type { Marked } from '../annotations/annotation'
import type { Desk } from '../case/desk.svelte'

export const markedOf = (_desk: Desk): Marked | null => null
