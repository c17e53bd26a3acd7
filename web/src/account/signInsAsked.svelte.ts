/** Where somebody is signed in, as it was last told, and what is being asked about it: for themselves and for an admin. */
import type { Answer } from '../api'
import { t } from '../i18n'
import { tell } from '../ui/telling.svelte'
import { deviceName, type SignIn } from './signIns'

type Asking = Promise<Answer<readonly SignIn[]>>

/** Each request answers with the sign-ins that are left. */
export interface Requests {
  readonly list: () => Asking
  readonly end: (id: string) => Asking
  /** All of them, or all but this one: whatever the page offers. */
  readonly endMany: () => Asking
}

export class SignIns {
  /** `null` until they were told for the first time. */
  list = $state.raw<readonly SignIn[] | null>(null)
  isBusy = $state(false)
  failure = $state<string | null>(null)

  readonly #requests: Requests
  readonly #signedOut: () => void

  constructor(requests: Requests, signedOut: () => void) {
    this.#requests = requests
    this.#signedOut = signedOut
  }

  load(): Promise<boolean> {
    return this.#take(this.#requests.list())
  }

  async end(signIn: SignIn): Promise<void> {
    await this.#change(this.#requests.end(signIn.id), t('account.ended', { device: deviceName(signIn) }))
  }

  async endMany(done: string): Promise<void> {
    await this.#change(this.#requests.endMany(), done)
  }

  async #change(asking: Asking, done: string): Promise<void> {
    this.isBusy = true
    if (await this.#take(asking)) tell(done)
    this.isBusy = false
  }

  async #take(asking: Asking): Promise<boolean> {
    const answer = await asking
    if (answer.ok) {
      this.list = answer.value
      this.failure = null
    } else if (answer.problem.kind === 'signed-out') this.#signedOut()
    else if (answer.problem.kind === 'not-found' && this.list !== null) void this.load() // it was ended elsewhere meanwhile
    else this.failure = answer.problem.title
    return answer.ok
  }
}
