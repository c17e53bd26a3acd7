/** Brings a section, a passage of it, or the whole record back as it stood: as new edits to what is there now, nothing else. */
import * as Y from 'yjs'
import { mapOf } from '../case/head'
import { isSame, type Marks, type Node, type Part } from './walk'

/** What is to be brought back. */
export interface Wanted {
  /** Section → its blocks as they stood. */
  readonly sections: ReadonlyMap<string, readonly Part[]>
  /** The fields of the head as they stood; null: the head stays as it is. */
  readonly head: ReadonlyMap<string, unknown> | null
}

/** What will be different in one section. */
export interface Outcome {
  readonly section: string
  readonly out: readonly Part[]
  readonly in: readonly Part[]
}

export interface Plan {
  /** Blocks and fields that stand now and will not. */
  readonly removed: number
  /** Blocks and fields that come back. */
  readonly added: number
  readonly outcomes: readonly Outcome[]
  /** Fields of the head that will say something else; undefined: nothing. */
  readonly fields: ReadonlyMap<string, unknown>
  /** Do it, in one transaction; what it gives back takes it back, and leaves what others wrote since. */
  readonly apply: () => Y.UndoManager
}

/** Blocks of a passage, put where they were among what is there now: those that are still there are replaced. */
export function mendPassage(live: readonly Part[], stood: readonly Part[], chosen: ReadonlySet<string>): readonly Part[] {
  const mended = [...live]
  const at = (id: string): number => mended.findIndex((part) => part.kind === 'node' && part.id === id)
  stood.forEach((part, index) => {
    if (part.kind !== 'node' || !chosen.has(part.id)) return
    const place = at(part.id)
    if (place !== -1) {
      mended[place] = part
      return
    }
    const before = stood.slice(0, index).findLast((each) => each.kind === 'node' && at(each.id) !== -1)
    mended.splice(before?.kind === 'node' ? at(before.id) + 1 : 0, 0, part)
  })
  return mended
}

/** What has to be done in the live document; nothing is done yet. */
export function planRestore(doc: Y.Doc, { sections, head }: Wanted): Plan {
  const steps = [...sections].map(([name, target]) => ({ name, fragment: doc.getXmlFragment(name), target }))
  const outcomes = steps.map(({ name, fragment, target }) => outcomeOf(name, readLive(fragment), target))
  const map = mapOf(doc)
  const fields = head === null ? [] : [...new Set([...map.keys(), ...head.keys()])].filter((key) => !isSame(map.get(key), head.get(key)))
  const count = (which: 'out' | 'in'): number => outcomes.reduce((sum, outcome) => sum + outcome[which].length, 0)
  return {
    removed: count('out') + fields.filter((key) => map.has(key)).length,
    added: count('in') + fields.filter((key) => head?.get(key) !== undefined).length,
    outcomes: outcomes.filter((outcome) => outcome.out.length + outcome.in.length > 0),
    fields: new Map(fields.map((key) => [key, head?.get(key)])),
    apply: () => {
      const origin = {}
      const undo = new Y.UndoManager([...steps.map(({ fragment }) => fragment), map], {
        trackedOrigins: new Set([origin]),
        captureTimeout: 0,
        deleteFilter: holdsNothing,
      })
      doc.transact(() => {
        steps.forEach(({ fragment, target }) => edit(fragment, differences(readLive(fragment), target)))
        for (const key of fields) {
          const value = head?.get(key)
          if (value === undefined) map.delete(key)
          else map.set(key, value)
        }
      }, origin)
      return undo
    },
  }
}

/** What is taken back stays where somebody has written into it since: their words would go with it. */
export function holdsNothing({ content }: Y.Item): boolean {
  return !(content instanceof Y.ContentType) || content.type._length === 0
}

/** A section as it is now, in the shape in which the past is read. */
export function readLive(parent: Y.XmlFragment): readonly Part[] {
  return parent.toArray().flatMap((child): readonly Part[] => {
    if (child instanceof Y.XmlText) return readText(child)
    if (!(child instanceof Y.XmlElement)) return []
    const id = child._item === null ? '' : `${child._item.id.client}-${child._item.id.clock}`
    const attributes = Object.fromEntries(Object.entries(child.getAttributes()).filter(([, value]) => value !== undefined && value !== null))
    return [{ kind: 'node', name: child.nodeName, attributes, children: readLive(child), change: null, id }]
  })
}

function readText(text: Y.XmlText): readonly Part[] {
  return text.toDelta().map(({ insert, attributes = {} }: { insert?: unknown; attributes?: Marks }): Part => {
    if (typeof insert === 'string') return { kind: 'text', text: insert, marks: attributes, change: null }
    return { kind: 'node', name: 'embed', attributes: {}, children: [], change: null, id: '' }
  })
}

function outcomeOf(section: string, live: readonly Part[], target: readonly Part[]): Outcome {
  const outcome: { section: string; out: Part[]; in: Part[] } = { section, out: [], in: [] }
  let gone = 0 // blocks that went before: `at` counts in what stands then
  for (const step of differences(live, target)) {
    const at = step.at + gone
    outcome.out.push(...live.slice(at, at + step.out))
    outcome.in.push(...step.in)
    gone += step.out - step.in.length
  }
  return outcome
}

/** At `at`, counted in what stands then, `out` blocks go and `in` come. */
interface Step {
  readonly at: number
  readonly out: number
  readonly in: readonly Part[]
}

/** The fewest blocks that have to go and to come. */
function differences(live: readonly Part[], target: readonly Part[]): readonly Step[] {
  const [a, b] = [live.map(spell), target.map(spell)]
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head++
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++
  const [rows, columns] = [a.length - head - tail, b.length - head - tail]
  const common = commonLengths(a.slice(head, head + rows), b.slice(head, head + columns))
  const steps: Step[] = []
  let [row, column] = [0, 0]
  while (row < rows || column < columns) {
    if (row < rows && column < columns && a[head + row] === b[head + column]) {
      row++
      column++
      continue
    }
    let out = 0
    const coming: Part[] = []
    const at = head + column
    while ((row < rows || column < columns) && !(row < rows && column < columns && a[head + row] === b[head + column])) {
      const part = target[head + column]
      if (row < rows && (column >= columns || lengthAt(common, row + 1, column) >= lengthAt(common, row, column + 1))) {
        row++
        out++
      } else {
        if (part !== undefined) coming.push(part)
        column++
      }
    }
    steps.push({ at, out, in: coming })
  }
  return steps
}

/** For each pair of ends, how many blocks they have in common from there on. */
function commonLengths(a: readonly string[], b: readonly string[]): readonly Uint32Array[] {
  const table = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1))
  for (let row = a.length - 1; row >= 0; row--) {
    for (let column = b.length - 1; column >= 0; column--) {
      const line = table[row]
      if (line === undefined) continue
      line[column] =
        a[row] === b[column]
          ? lengthAt(table, row + 1, column + 1) + 1
          : Math.max(lengthAt(table, row + 1, column), lengthAt(table, row, column + 1))
    }
  }
  return table
}

function lengthAt(table: readonly Uint32Array[], row: number, column: number): number {
  return table[row]?.[column] ?? 0
}

/** What a block says, without whose it is and which item it is. */
function spell(part: Part): string {
  if (part.kind === 'text') return JSON.stringify([part.text, sorted(part.marks)])
  return JSON.stringify([part.name, sorted(part.attributes), part.children.map(spell)])
}

function sorted(marks: Marks): readonly (readonly [string, unknown])[] {
  return Object.entries(marks).sort(([a], [b]) => (a < b ? -1 : 1))
}

function edit(fragment: Y.XmlFragment, steps: readonly Step[]): void {
  for (const { at, out, in: coming } of steps) {
    const made = build(coming)
    // Behind what goes: what others write after it stays behind that too, when it is taken back.
    if (made.length > 0) fragment.insert(at + out, made)
    if (out > 0) fragment.delete(at, out)
  }
}

function build(parts: readonly Part[]): (Y.XmlElement | Y.XmlText)[] {
  const made: (Y.XmlElement | Y.XmlText)[] = []
  let delta: { insert: string; attributes: Marks }[] = []
  const flush = (): void => {
    if (delta.length === 0) return
    const text = new Y.XmlText()
    text.applyDelta(delta)
    made.push(text)
    delta = []
  }
  for (const part of parts) {
    if (part.kind === 'text') delta.push({ insert: part.text, attributes: part.marks })
    else if (part.name !== 'embed') {
      flush()
      made.push(element(part))
    }
  }
  flush()
  return made
}

function element({ name, attributes, children }: Node): Y.XmlElement {
  const made = new Y.XmlElement(name)
  for (const [key, value] of Object.entries(attributes)) if (mayBeHeld(value)) made.setAttribute(key, value)
  made.insert(0, build(children))
  return made
}

/** Yjs types an attribute as a text unless told otherwise, and holds any JSON value: a heading's level is a number. */
function mayBeHeld(value: unknown): value is string {
  return ['string', 'number', 'boolean', 'object'].includes(typeof value) && value !== null
}
