/** Asks the person something before it happens: `if (await ask({ title, text, yes, danger: true })) …`. */

export interface Question {
  readonly title: string
  /** What will be so afterwards, and whether it can be undone. */
  readonly text: string
  /** The button that goes on, as a verb: "Remove", not "OK". */
  readonly yes: string
  /** Something is lost or taken away: the button is red, and the other one has the focus. */
  readonly danger?: boolean
}

interface Waiting extends Question {
  readonly answer: (said: boolean) => void
}

// One page asks one thing at a time.
let waiting = $state.raw<Waiting | null>(null)

export function ask(question: Question): Promise<boolean> {
  waiting?.answer(false)
  return new Promise((resolve) => {
    const answer = (said: boolean): void => {
      waiting = null
      resolve(said)
    }
    waiting = { ...question, answer }
  })
}

export function asked(): Waiting | null {
  return waiting
}
