/** A mark on a picture, as the page works with it. How it is stored is `stored.ts`'s matter (docs/annotations.md). */
import type { Point } from '../viewer/geometry'

export const SHAPES = ['point', 'rectangle', 'ellipse', 'polygon', 'freehand', 'arrow', 'length', 'bidirectional', 'angle', 'cobb'] as const
export type Shape = (typeof SHAPES)[number]

/** How many points make a shape; those of a rectangle and an ellipse are two corners of the box around it. */
export const POINTS: Readonly<Record<Shape, { readonly least: number; readonly most: number }>> = {
  point: { least: 1, most: 1 },
  rectangle: { least: 2, most: 2 },
  ellipse: { least: 2, most: 2 },
  polygon: { least: 3, most: 200 },
  freehand: { least: 2, most: 2_000 },
  // From the tail to the tip.
  arrow: { least: 2, most: 2 },
  length: { least: 2, most: 2 },
  // The long axis, then the short one.
  bidirectional: { least: 4, most: 4 },
  // The corner is the second.
  angle: { least: 3, most: 3 },
  // One line, then the other.
  cobb: { least: 4, most: 4 },
}

/** Where in a medium: a photo has neither, a DICOM series the file and its frame (from 0), a film the second. */
export interface Spot {
  readonly file: string | null
  readonly frame: number | null
  readonly seconds: number | null
}

export interface Coded {
  /** `http://snomed.info/sct` */
  readonly system: string
  readonly code: string
  /** As it is read, in English as the list has it. */
  readonly display: string
}

/** Who wrote something: by the journal where that is known, else as the page that wrote it said. */
export interface Author {
  readonly id: string
  readonly name: string
  readonly role: string
  /** `#rrggbb` */
  readonly color: string
}

export interface Reply {
  readonly id: string
  readonly by: Author
  readonly at: Date
  readonly text: string
}

/** What somebody draws; the rest is known. */
export interface Drawn {
  readonly media: string
  readonly spot: Spot
  readonly shape: Shape
  /** In pixels of the picture, (0, 0) the left upper corner of its first. */
  readonly points: readonly Point[]
  readonly label: string
  readonly code: Coded | null
}

export interface Annotation extends Drawn {
  readonly id: string
  readonly by: Author
  readonly at: Date
  /** When anybody changed it last. */
  readonly changed: Date
  readonly replies: readonly Reply[]
  readonly isResolved: boolean
  /** Nobody but its author moves or renames it; a matter of manners among those who may write. */
  readonly isLocked: boolean
  /** It is shown no more, and can be brought back. */
  readonly isRemoved: boolean
}

/** Whoever leads the case may change what is locked, too: what somebody locked who left would stay as it is. */
export function isOpenTo({ isLocked, by }: Annotation, me: Pick<Author, 'id' | 'role'>): boolean {
  return !isLocked || by.id === me.id || me.role === 'lead'
}

/** What is marked in a case, followed live; the one implementation stands on the discussion's document. */
export interface Marked {
  /** Whether we may mark and reply: whoever writes the discussion. */
  readonly mayMark: boolean
  /** Whether the discussion is there, so that none means none. */
  readonly isKnown: boolean
  /** In the order in which they were made, removed ones too. The same array until one of the medium's changes. */
  of(media: string): readonly Annotation[]
  find(id: string): Annotation | null
  /** Each change is one step to take back. What is gone meanwhile, or is not ours to change, is left as it is. */
  add(drawn: Drawn): string
  /** `at`: which one of `handlesOf`. */
  moveHandle(id: string, at: number, to: Point): void
  moveAll(id: string, by: Point): void
  describe(id: string, said: { readonly label?: string; readonly code?: Coded | null }): void
  resolve(id: string, isResolved: boolean): void
  lock(id: string, isLocked: boolean): void
  remove(id: string): void
  restore(id: string): void
  reply(id: string, text: string): void
  readonly canUndo: boolean
  readonly canRedo: boolean
  /** What we did last, and nothing of others. */
  undo(): void
  redo(): void
}
