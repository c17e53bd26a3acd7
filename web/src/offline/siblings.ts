/** The same person's other tabs on the same document: what one holds and cannot send, the others hold too. */

export interface Siblings {
  /** An edit made here; `piece` is where the device keeps it, if it does. `alone`: this tab has no link to the server. */
  tell(update: Uint8Array, piece: number | null, alone: boolean): void
  /** Ask the others for what this tab does not have. */
  ask(stateVector: Uint8Array): void
  close(): void
}

export interface Heard {
  readonly update: Uint8Array
  readonly piece: number | null
  readonly alone: boolean
}

type Message = ({ readonly kind: 'edit' } & Heard) | { readonly kind: 'ask'; readonly stateVector: Uint8Array }

/** `answer` gives what the asker lacks, or nothing when the server will give it as well. */
export function meetSiblings(
  name: string,
  heard: (edit: Heard) => void,
  answer: (stateVector: Uint8Array) => Uint8Array | null,
): Siblings {
  if (typeof BroadcastChannel === 'undefined') return { tell: () => undefined, ask: () => undefined, close: () => undefined }
  const channel = new BroadcastChannel(`consilium ${name}`)
  const say = (message: Message): void => channel.postMessage(message)
  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    if (data.kind === 'edit') return heard(data)
    const update = answer(data.stateVector)
    if (update !== null) say({ kind: 'edit', update, piece: null, alone: true })
  }
  return {
    tell: (update, piece, alone) => say({ kind: 'edit', update, piece, alone }),
    ask: (stateVector) => say({ kind: 'ask', stateVector }),
    close: () => channel.close(),
  }
}
