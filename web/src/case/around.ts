/** What an open document is, and what it asks of the case around it. */
import type { Case } from '../api'
import type { Rescued } from '../offline/rescued.svelte'
import type { Presence } from '../sync/people'
import type { Refusal } from '../sync/refusal'
import type { Session } from '../sync/session'
import type { Words } from '../sync/writing'
import type { Right } from '../words'

/** Which document it is, and how its words are read. */
export interface Kind {
  readonly name: 'record' | 'discussion'
  /** Whoever has it writes here. */
  readonly right: Right
  /** The texts in it, which editors and undo know. */
  readonly sections: readonly string[]
  readonly words: Words
}

/** What a document asks of the case around it, and tells it. */
export interface Around {
  readonly case: Case
  readonly me: Presence
  readonly rescued: Rescued
  take(latest: Case): void
  refresh(): Promise<void>
  /** A refusal that cost no text still has to be told. */
  refused(refusal: Refusal | null): void
  locked(): void
  /** The server let us in, for the first time or again. */
  admitted(): void
  changed(): void
  /** A session begins, with a document of its own that holds what this device kept. */
  opened(session: Session): void
  /** Its content is there: of a session that was opened just now. */
  there(): void
  /** Before what is on the screen is kept, which copies that were turned on late ask for. */
  keeps(): Promise<void>
}
