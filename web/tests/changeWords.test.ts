import { describe, expect, it } from 'vitest'
import { changersIn, hasChange, isPartOf, shownAt, wordsOf } from '../src/history/changeWords'
import type { Change, Node, Part } from '../src/history/walk'

const did = (kind: Change['kind'], who: string | null): Change => ({ kind, who, at: 1 })
const text = (words: string, change: Change | null = null): Part => ({ kind: 'text', text: words, marks: {}, change })
const node = (name: string, children: readonly Part[], change: Change | null = null, attributes = {}): Node => ({
  kind: 'node',
  name,
  attributes,
  children,
  change,
  id: '',
})

describe('what is shown of a difference [HIS-10]', () => {
  it('is said once: at the paragraph, and not again at what came or went with it', () => {
    expect(isPartOf(did('in', 'ada'), did('in', 'ada'))).toBe(true)
    expect(isPartOf(did('in', 'ben'), did('in', 'ada'))).toBe(false) // another one wrote into it
    expect(isPartOf(did('out', null), did('out', 'ada'))).toBe(true)
    expect(isPartOf(did('out', 'ada'), did('in', 'ada'))).toBe(false)
    expect(isPartOf(did('look', 'ada'), did('look', 'ada'))).toBe(false)
    expect(isPartOf(did('in', 'ada'), null)).toBe(false)
  })

  it('stands at paragraphs and words, not at the lists and tables that hold them, unless these look different', () => {
    expect(shownAt(node('paragraph', [], did('in', 'ada')), null)).toEqual(did('in', 'ada'))
    expect(shownAt(node('table', [], did('in', 'ada')), null)).toBeNull()
    expect(shownAt(node('taskItem', [], did('look', 'ada')), null)).toEqual(did('look', 'ada'))
    expect(shownAt(node('hologram', [], did('out', 'ada')), null)).toEqual(did('out', 'ada'))
    expect(shownAt(node('paragraph', [], did('in', 'ada')), did('in', 'ada'))).toBeNull()
  })

  it('is found however deep it lies, with everybody who did it', () => {
    const deep = node('bulletList', [node('listItem', [node('paragraph', [text('a'), text('b', did('in', 'ben'))])])], did('look', 'ada'))
    expect(hasChange([deep])).toBe(true)
    expect(hasChange([node('paragraph', [text('a')])])).toBe(false)
    expect([...changersIn([deep])]).toEqual(['ada', 'ben'])
  })

  it('says any block as plain words, known or not', () => {
    const mention = node('mention', [], null, { label: 'Ben' })
    expect(wordsOf(node('paragraph', [text('ask '), mention, node('hardBreak', []), text('now')]))).toBe('ask @Ben\nnow')
    const row = node('tableRow', [node('tableCell', [node('paragraph', [text('K')])]), node('tableCell', [node('paragraph', [text('4.1')])])])
    expect(wordsOf(node('table', [row, row]))).toBe('K · 4.1\nK · 4.1')
    expect(wordsOf(node('hologram', [text('inside')]))).toBe('inside')
  })
})
