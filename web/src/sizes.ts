/** Amounts as people say them. */
import { locale } from './time'

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const
const STEP = 1000

/** "712 bytes", "4.1 kB", "1.3 GB". */
export function sizeOf(bytes: number): string {
  const power = Math.min(Math.floor(Math.log(Math.max(bytes, 1)) / Math.log(STEP)), UNITS.length - 1)
  const style = { style: 'unit', unit: UNITS[power], unitDisplay: power === 0 ? 'long' : 'short' } as const
  return new Intl.NumberFormat(locale(), { ...style, maximumFractionDigits: 1 }).format(bytes / STEP ** power)
}

export function amountOf(count: number): string {
  return new Intl.NumberFormat(locale()).format(count)
}
