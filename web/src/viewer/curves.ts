/** Curves of an ECG as numbers: `ecg-waveform/1` (docs/media-manifest.md). */
import { fields, list, number, oneOf, text } from '../parse'

const FORMAT = 'ecg-waveform/1'

export interface Lead {
  readonly name: string
  /** Whole numbers; microvolts where it is calibrated, else the file's own. */
  readonly values: Float32Array
  /** Null: the sheet was made before anybody told. */
  readonly isCalibrated: boolean | null
}

/** In hertz; null: nothing is said. */
export interface Filters {
  readonly low: number | null
  readonly high: number | null
  readonly notch: number | null
}

export interface Curves {
  readonly hertz: number
  readonly seconds: number
  readonly leads: readonly Lead[]
  readonly filters: Filters
}

/** Whether every lead says what its numbers mean. */
export const areCalibrated = ({ leads }: Curves): boolean => leads.every(({ isCalibrated }) => isCalibrated === true)

/** Throws `Unreadable` for another kind or release. */
export function readCurves(body: unknown): Curves {
  const from = fields(body)
  oneOf(from, 'format', [FORMAT] as const)
  const told = from.get('filters')
  const filters = told === undefined || told === null ? new Map<string, unknown>() : fields(told)
  const hertz = (name: string): number | null => {
    const value = filters.get(name)
    return typeof value === 'number' && value > 0 ? value : null
  }
  return {
    hertz: number(from, 'hertz'),
    seconds: number(from, 'seconds'),
    filters: { low: hertz('low'), high: hertz('high'), notch: hertz('notch') },
    leads: list(from, 'leads', (each) => {
      const lead = fields(each)
      const known = lead.get('is_calibrated')
      return { name: text(lead, 'name'), values: Float32Array.from(list(lead, 'microvolts', Number)), isCalibrated: typeof known === 'boolean' ? known : null }
    }),
  }
}
