/** People who write one section on a device each, and the journal's past of it. */
import * as Y from 'yjs'
import { Past } from '../src/history/past'
import { type Letters, lettersBetween, type Passage, passagesOf } from '../src/history/whoWrote'
import { type Part, readSection, type Span } from '../src/history/walk'

/** People with a device each; what one writes is journalled, and the others have it. */
export class Desk {
  readonly past = new Past()
  readonly docs = new Map<string, Y.Doc>()
  readonly #waiting = new Map<string, Uint8Array[]>()
  seq = 0

  device(who: string): Y.Doc {
    const held = this.docs.get(who)
    if (held !== undefined) return held
    const doc = new Y.Doc()
    doc.clientID = 1000 + this.docs.size
    const first = [...this.docs.values()][0]
    if (first !== undefined) Y.applyUpdate(doc, Y.encodeStateAsUpdate(first), 'net')
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === 'net') return
      const offline = this.#waiting.get(who)
      if (offline === undefined) this.send(who, update)
      else offline.push(update)
    })
    this.docs.set(who, doc)
    return doc
  }

  send(who: string, update: Uint8Array): void {
    this.seq += 1
    this.past.take({ seq: this.seq, author: who, at: this.seq * 1000, update })
    for (const [name, doc] of this.docs) if (!this.#waiting.has(name)) Y.applyUpdate(doc, update, 'net')
  }

  offline(who: string): void {
    this.device(who)
    this.#waiting.set(who, [])
  }

  /** Everything typed while away comes as one update, and what others wrote comes in. */
  online(who: string): void {
    const updates = this.#waiting.get(who) ?? []
    this.#waiting.delete(who)
    for (const doc of this.docs.values()) Y.applyUpdate(this.device(who), Y.encodeStateAsUpdate(doc), 'net')
    if (updates.length > 0) this.send(who, Y.mergeUpdates(updates))
  }

  paragraph(who: string, text: string, at = -1): void {
    const section = this.device(who).getXmlFragment('plan')
    this.device(who).transact(() => {
      const made = new Y.XmlElement('paragraph')
      made.insert(0, [new Y.XmlText(text)])
      section.insert(at === -1 ? section.length : at, [made])
    })
  }

  text(who: string, at = 0): Y.XmlText {
    const block = this.device(who).getXmlFragment('plan').get(at)
    const text = block instanceof Y.XmlElement ? block.get(0) : null
    if (!(text instanceof Y.XmlText)) throw new Error('no text there')
    return text
  }

  /** All letters that are there, as a device shows them; as the journal has them if none is named. */
  letters(who?: string): readonly Letters[] {
    const doc = who === undefined ? this.past.doc : this.device(who)
    return lettersBetween(doc.getXmlFragment('plan'), 0, Infinity, () => null)
  }

  /** Who wrote what is there: `ada(…)`, and `ada>ben(…)` where Ben moved it. */
  passages(): string {
    const told = ({ text, by }: Passage): string => `${[by?.author ?? '?', ...(by?.movers ?? []).map(({ who }) => who)].join('>')}(${text})`
    return passagesOf(this.letters(), this.past).map(told).join(' ')
  }

  /** `[ada+…]` came, `[ben-…]` went, `[ben~…]` looks different; `[ada>ben+…]`: what Ada had written came by Ben. */
  read(span: Span): string {
    return readSection(this.past, 'plan', span).map(spell).join('|')
  }
}

const SIGNS = { in: '+', out: '-', look: '~' }

export function spell(part: Part): string {
  const sign = part.change === null ? '' : `${[part.change.who ?? '?', ...(part.change.movers ?? [])].join('>')}${SIGNS[part.change.kind]}`
  if (part.kind === 'text') {
    const marks = Object.keys(part.marks).join()
    const text = marks === '' ? part.text : `<${marks} ${part.text}>`
    return sign === '' ? text : `[${sign}${text}]`
  }
  const inner = part.children.map(spell).join('')
  const name = part.name === 'paragraph' ? '' : `${part.name} `
  const shown = `${name}${Object.entries(part.attributes).map(([key, value]) => `${key}=${value} `).join('')}${inner}`
  return sign === '' ? shown : `(${sign}${shown})`
}
