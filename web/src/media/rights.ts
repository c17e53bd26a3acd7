/** Who may do what with images and files; the server decides, this only spares people a no. */
import type { Desk } from '../case/desk.svelte'

/** Add, describe, order and remove: as whoever writes the record, while the case is written. */
export function mayAddMedia(desk: Desk): boolean {
  const { rights, state } = desk.record.case
  return !desk.isShut && rights.has('write record') && (state === 'draft' || state === 'open')
}
