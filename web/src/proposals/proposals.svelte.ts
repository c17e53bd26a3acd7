/** The proposals of one open case, as the server last told them: one's own, and what waits for a decision. */
import type { Problem } from '../api'
import type { Draft } from '../offline/drafts'
import { decide, listProposals, type Outcome, propose, type Proposal, putAway } from './api'
import { asked, draftKey } from './asking'

export class Proposals {
  all = $state.raw<readonly Proposal[]>([])
  /** Whether one's role decides; in a case that is concluded nothing can be included all the same. */
  mayDecide = $state(false)
  readonly #case: string
  readonly #me: string
  #asked = 0
  /** Included, and the edit is saved, but the server has not heard that the proposal is done. */
  #owed = $state.raw<ReadonlyMap<string, (problem: Problem) => void>>(new Map())

  constructor(id: string, me: string) {
    this.#case = id
    this.#me = me
  }

  /** Of others: what one may decide on, or only look at. */
  get waiting(): readonly Proposal[] {
    return this.all.filter(({ id, author, outcome }) => outcome === 'waiting' && author.id !== this.#me && !this.#owed.has(id))
  }

  get mine(): readonly Proposal[] {
    return this.all.filter(({ author }) => author.id === this.#me)
  }

  ofDraft({ id }: Draft): Proposal | null {
    return this.mine.find(({ draft }) => draft === draftKey(id)) ?? null
  }

  /** The newest answer counts. Without one, what was known stands. */
  async refresh(): Promise<void> {
    const turn = ++this.#asked
    const answer = await listProposals(this.#case)
    if (turn !== this.#asked) return
    if (answer.ok) {
      this.all = answer.value.proposals
      this.mayDecide = answer.value.mayDecide
      await this.#payBack()
    } else if (answer.problem.kind === 'not-found') this.all = []
  }

  async propose(draft: Draft): Promise<Problem | 'too-long' | null> {
    const writing = asked(draft.writing)
    if (writing === null) return 'too-long'
    return this.#told(await propose(this.#case, draftKey(draft.id), draft.reason, writing))
  }

  async decide({ id }: Proposal, outcome: Outcome, line = ''): Promise<Problem | null> {
    return this.#told(await decide(this.#case, id, outcome, line))
  }

  /**
   * Its words are in the record and saved. Where the server cannot be told now it is told later; `refused` hears when it says
   * no, because somebody else was faster.
   */
  async included(proposal: Proposal, refused: (problem: Problem) => void): Promise<void> {
    this.#owed = new Map([...this.#owed, [proposal.id, refused]])
    await this.#pay(proposal.id)
  }

  /** One's own decision; the proposal waits again. */
  async takeBack(proposal: Proposal): Promise<void> {
    if (this.#owed.has(proposal.id)) this.#owed = new Map([...this.#owed].filter(([each]) => each !== proposal.id))
    else await this.decide(proposal, 'waiting')
  }

  async putAway({ id }: Proposal): Promise<Problem | null> {
    const answer = await putAway(this.#case, id)
    if (answer.ok) this.all = this.all.filter((each) => each.id !== id)
    else await this.refresh()
    return answer.ok ? null : answer.problem
  }

  async #payBack(): Promise<void> {
    for (const id of this.#owed.keys()) await this.#pay(id)
  }

  async #pay(id: string): Promise<void> {
    const answer = await decide(this.#case, id, 'included')
    const refused = this.#owed.get(id)
    if (!answer.ok && (answer.problem.kind === 'unreachable' || answer.problem.kind === 'failed')) return
    this.#owed = new Map([...this.#owed].filter(([each]) => each !== id))
    if (answer.ok) this.#take(answer.value)
    else refused?.(answer.problem)
  }

  async #told(answer: Awaited<ReturnType<typeof decide>>): Promise<Problem | null> {
    if (answer.ok) this.#take(answer.value)
    else await this.refresh()
    return answer.ok ? null : answer.problem
  }

  /** An answer that is under way may be older than this. */
  #take(proposal: Proposal): void {
    this.#asked += 1
    const others = this.all.filter(({ id }) => id !== proposal.id)
    const isShown = proposal.author.id === this.#me || proposal.outcome === 'waiting'
    this.all = (isShown ? [...others, proposal] : others).toSorted((a, b) => a.at - b.at)
  }
}
