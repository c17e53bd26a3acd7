/** The whole log as a table that spreadsheets open: CSV (RFC 4180), times in UTC (ISO 8601). */
import type { Answer } from '../api'
import { t } from '../i18n'
import { type LoggedEvent, readEvents, type Sought } from './api'
import { deed, doer } from './sentences'

/** The longest page that the server gives. */
const AT_ONCE = 500
const COLUMNS = ['seq', 'time', 'who', 'what', 'refused', 'address', 'action', 'details'] as const
/** So that spreadsheets read the letters as they are. */
const MARK = '\uFEFF'

/** All events that are sought, newest first, page by page; `tell` hears how many there are so far. */
export async function readAll(log: string, sought: Sought, stop: AbortSignal, tell: (count: number) => void): Promise<Answer<readonly LoggedEvent[]>> {
  const all: LoggedEvent[] = []
  let before: number | null = null
  do {
    const answer = await readEvents(log, sought, before, AT_ONCE, stop)
    if (!answer.ok) return answer
    all.push(...answer.value.events)
    before = answer.value.before
    tell(all.length)
  } while (before !== null && !stop.aborted)
  return { ok: true, value: all }
}

export function sheetOf(events: readonly LoggedEvent[]): string {
  const rows = [COLUMNS.map((column) => t(`access.column.${column}`)), ...events.map(rowOf)]
  return MARK + rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}

function rowOf(event: LoggedEvent): readonly string[] {
  const details = [...event.details].map(([key, value]) => `${key}=${value}`).join(' ')
  const refused = event.isRefused ? t('access.refused') : ''
  return [String(event.seq), new Date(event.at).toISOString(), doer(event), deed(event), refused, event.address ?? '', event.action, details]
}

/** Names come from people: a cell that begins like a formula would be one. */
function cell(said: string): string {
  const safe = /^[=+\-@\t\r]/.test(said) ? `'${said}` : said
  return `"${safe.replaceAll('"', '""')}"`
}
