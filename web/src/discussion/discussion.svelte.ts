/** The discussion of an open case, beside its record: what is marked in pictures, and what is said of it. */
import { Annotations, type Around as Surroundings } from '../annotations/annotations.svelte'
import type { Marked } from '../annotations/annotation'
import { Authorship, type Journal } from '../annotations/authorship'
import type { Judge } from '../annotations/stored'
import type { Around } from '../case/around'
import { OpenDocument } from '../case/document.svelte'
import { DISCUSSION_KIND } from '../case/kinds'
import type { OpenRecord } from '../case/record.svelte'
import { pathOf, whoWroteAt } from '../history/api'
import type { Session } from '../sync/session'
import type { Status } from '../sync/status'
import { makeId } from './makeId'
import { DISCUSSION } from './words'

export class OpenDiscussion {
  /** What is marked in pictures. */
  readonly marked: Marked
  readonly #document: OpenDocument
  readonly #authorship: Authorship
  /** How often the journal has told us more. */
  #learned = $state(0)

  /** Nothing of it is asked for before the record is there. */
  constructor(record: OpenRecord) {
    this.#authorship = new Authorship(
      journal(record, this, (clients) => {
        annotations.judgeAgain(clients)
        this.#learned += 1
      }),
    )
    const annotations = new Annotations(marking(record, this, this.#authorship.judge))
    this.marked = annotations
    this.#document = new OpenDocument(DISCUSSION_KIND, around(record, ({ doc }) => annotations.follow(doc)))
    record.join(this, () => void this.#document.open())
  }

  /** Null before the record is there, and while one session follows another. */
  get session(): Session | null {
    return this.#document.session
  }

  /** Whether what it holds is known, from the device or from the server; an empty discussion is known too. */
  get isThere(): boolean {
    return this.#document.hasContent
  }

  get mayWrite(): boolean {
    return this.#document.mayWrite
  }

  /** "Saved" is said of what the server has acknowledged. */
  get status(): Status {
    return this.#document.status
  }

  /** Whether closing the tab would lose something of it. */
  get isHolding(): boolean {
    return this.#document.isHolding
  }

  /** Who wrote what stands in it; whoever watches this is told again once the journal has said more. */
  readonly judge: Judge = (client, clock, claimed) => {
    void this.#learned
    return this.#authorship.judge(client, clock, claimed)
  }

  close(): void {
    this.#authorship.close()
    this.#document.close()
  }
}

/** The record learns of the case for both; a refusal, a lock and a draft are shown in one place. */
function around(record: OpenRecord, opened: (session: Session) => void): Around {
  return {
    get case() {
      return record.case
    },
    get me() {
      return record.me
    },
    rescued: record.rescued,
    take: (latest) => record.take(latest),
    refresh: () => record.refresh(),
    refused: (refusal) => record.refused(refusal),
    locked: () => record.locked(),
    admitted: () => undefined,
    changed: () => undefined,
    opened,
    there: () => undefined,
    keeps: () => Promise.resolve(),
  }
}

function marking(record: OpenRecord, discussion: OpenDiscussion, judge: Judge): Surroundings {
  return {
    get mayMark() {
      return discussion.session !== null && discussion.mayWrite
    },
    get isKnown() {
      return discussion.isThere
    },
    get me() {
      return record.me
    },
    judge,
    now: () => new Date(),
    makeId,
  }
}

function journal(record: OpenRecord, discussion: OpenDiscussion, learned: Journal['learned']): Journal {
  return {
    async ask(spans) {
      const { id, documents } = record.case
      const answer = await whoWroteAt(pathOf(id, documents.get(DISCUSSION) ?? DISCUSSION), spans)
      return answer.ok ? answer.value : null
    },
    get mine() {
      return discussion.session?.doc.clientID ?? null
    },
    get me() {
      return record.me
    },
    roleOf: (person) => record.case.members.find((member) => member.person.id === person)?.role ?? '',
    learned,
  }
}
