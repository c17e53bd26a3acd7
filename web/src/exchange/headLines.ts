/** The head of a case as lines of a file; what was not said is no line. Called while rendering. */
import type { Member } from '../api'
import type { Head } from '../case/head'
import { fieldName, fieldValue } from '../case/headWords'
import { FIELDS } from '../case/headFields'
import { dayName } from '../time'
import type { Line } from './report'

export function headLines(head: Head, members: readonly Member[]): readonly Line[] {
  return FIELDS.flatMap((field) => {
    const said = head[field] ?? ''
    // A file is read when nobody remembers the year of "Thu 3 Dec".
    const value = said === '' ? '' : field === 'nextDue' ? dayName(said, 0) : fieldValue(field, said, members)
    return value.trim() === '' ? [] : [{ label: fieldName(field), value }]
  })
}
