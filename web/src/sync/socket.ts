/** A WebSocket that lets somebody read along; the provider takes it in place of the platform's own. */

export interface Reader {
  attempted(socket: EventTarget): void
  sent(frame: Uint8Array): void
  received(frame: Uint8Array): void
}

/**
 * The provider's own count of unsaved changes starts again at 1 on every reconnect, while edits typed offline still wait in
 * its queue: the first acknowledgement then reads as "all saved". So we count the frames that really leave and arrive.
 */
export function readAlong(Socket: typeof WebSocket, reader: Reader): typeof WebSocket {
  return class extends Socket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      reader.attempted(this)
      this.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
        if (data instanceof ArrayBuffer) reader.received(new Uint8Array(data))
      })
    }

    override send(data: Parameters<WebSocket['send']>[0]): void {
      if (data instanceof Uint8Array) reader.sent(data)
      super.send(data)
    }
  }
}
