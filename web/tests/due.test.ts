import { expect, test } from 'vitest'
import { dueOn, dueWords, today } from '../src/case/due'

const words = (day: string): string => dueWords(dueOn(day, '2026-03-28'))

test('[HEAD-6] a day says how far off it is, and a past one that it is past', () => {
  expect(words('2026-03-25')).toBe('Overdue: was due 3 days ago')
  expect(words('2026-03-27')).toBe('Overdue: was due yesterday')
  expect(words('2026-03-28')).toBe('Due today')
  expect(words('2026-03-29')).toBe('Due tomorrow') // the clocks of Europe change that night
  expect(words('2026-04-11')).toBe('Due in 14 days')
})

test('[HEAD-6] only what is past or near stands out', () => {
  const urgency = (day: string): string => dueOn(day, '2026-02-28').urgency
  expect(['2026-02-27', '2026-02-28', '2026-03-02', '2026-03-03'].map(urgency)).toEqual(['overdue', 'soon', 'soon', 'later'])
})

test('[HEAD-6] today is the day of the person who looks', () => {
  const midnight = new Date(2026, 0, 9, 0, 0, 1).getTime()
  expect(today(midnight)).toBe('2026-01-09')
  expect(today(midnight - 2000)).toBe('2026-01-08')
})
