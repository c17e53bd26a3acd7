/** The marks of an ECG on the paper that somebody has before them. [MARK-11] */
import type { Annotation, Marked } from '../annotations/annotation'
import type { EcgLooking } from '../viewer/ecg.svelte'
import type { Print } from '../viewer/paper'
import { keptBy, keptHandle, keptPoints, type Sheet, sheetBefore, shownPoint } from './printing'

/** `all` as they are kept, of which those of one ECG are asked for; whoever moves one has it before them. */
export function printed(all: Marked, looking: EcgLooking): Marked {
  const on = new Prints()
  const sheet = (): Sheet => sheetBefore(looking)
  return {
    get mayMark() {
      return all.mayMark
    },
    get isKnown() {
      return all.isKnown
    },
    get canUndo() {
      return all.canUndo
    },
    get canRedo() {
      return all.canRedo
    },
    of: (media) => on.list(all.of(media), looking),
    find(id) {
      const kept = all.find(id)
      return kept === null ? null : on.one(kept, looking)
    },
    add: (drawn) => all.add({ ...drawn, points: keptPoints(drawn, sheet()) }),
    moveHandle(id, at, to) {
      const kept = all.find(id)
      if (kept !== null) all.moveHandle(id, at, keptHandle(kept, at, to, sheet()))
    },
    moveAll(id, by) {
      const kept = all.find(id)
      if (kept !== null) all.moveAll(id, keptBy(kept, by, sheet()))
    },
    describe: (id, said) => all.describe(id, said),
    resolve: (id, isResolved) => all.resolve(id, isResolved),
    lock: (id, isLocked) => all.lock(id, isLocked),
    remove: (id) => all.remove(id),
    restore: (id) => all.restore(id),
    reply: (id, text) => all.reply(id, text),
    undo: () => all.undo(),
    redo: () => all.redo(),
  }
}

/** On one kind of paper the same mark is the same object, and the same list the same array. */
class Prints {
  #print: Print | null = null
  #marks = new WeakMap<Annotation, Annotation>()
  #lists = new WeakMap<readonly Annotation[], readonly Annotation[]>()

  list(kept: readonly Annotation[], print: Print): readonly Annotation[] {
    this.#takePaper(print)
    const made = this.#lists.get(kept) ?? kept.map((mark) => this.one(mark, print))
    this.#lists.set(kept, made)
    return made
  }

  one(kept: Annotation, print: Print): Annotation {
    this.#takePaper(print)
    const made = this.#marks.get(kept) ?? { ...kept, points: kept.points.map((point) => shownPoint(point, print)) }
    this.#marks.set(kept, made)
    return made
  }

  #takePaper({ speed, gain }: Print): void {
    if (this.#print?.speed === speed && this.#print.gain === gain) return
    this.#print = { speed, gain }
    this.#marks = new WeakMap()
    this.#lists = new WeakMap()
  }
}
