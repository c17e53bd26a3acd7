/** Marks in words: for the list, for the label on the picture, for those who hear. */
import type { Annotation } from '../annotations/annotation'
import { t } from '../i18n'
import { figure } from '../viewer/figures'
import type { Measure } from './measures'
import type { Statistics } from './region'

/** Three figures are as many as a hand can draw. */
const rounded = (value: number): string => figure(Number(value.toPrecision(value >= 1000 ? 4 : 3)))

export function measureWords(measure: Measure | null): string {
  if (measure === null) return ''
  switch (measure.is) {
    case 'length':
      return `${rounded(measure.length)} ${measure.unit}`
    case 'two lengths':
      return `${rounded(measure.long)} × ${rounded(measure.short)} ${measure.unit}`
    case 'angle':
      return `${rounded(measure.degrees)}°`
    case 'area':
      return `${rounded(measure.area)} ${measure.unit}²`
    case 'interval':
      return [
        `${figure(measure.milliseconds)} ms`,
        measure.perMinute === null ? '' : t('viewer.ecg.perMinute', { rate: Math.round(measure.perMinute) }),
        measure.millivolts === null ? '' : `${figure(Math.round(measure.millivolts * 100) / 100)} mV`,
      ].filter((each) => each !== '').join(' · ')
  }
}

/** What the millimetres are of; a reader must know where they are not those of the body. */
export function sourceWords(measure: Measure | null): string {
  return measure === null || !('from' in measure) ? '' : t(`marks.from.${measure.from ?? 'none'}`)
}

/** The label's, on the picture: of a body's own millimetres nothing more is said. */
export function shortMeasure(measure: Measure | null): string {
  const words = measureWords(measure)
  return measure !== null && 'from' in measure && measure.from === 'imager-pixel-spacing' ? `${words} (${t('marks.atDetector')})` : words
}

export function statisticsWords({ mean, deviation, least, most, count }: Statistics, unit: string): string {
  return t('marks.statistics', { mean: figure(Number(mean.toPrecision(5))), deviation: figure(Number(deviation.toPrecision(4))), least: figure(least), most: figure(most), unit, count })
}

export const labelOf = ({ label, code }: Pick<Annotation, 'label' | 'code'>): string => [label, code?.display ?? ''].filter((each) => each !== '').join(' · ')
