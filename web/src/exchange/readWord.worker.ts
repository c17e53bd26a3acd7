/** Reads a Word file away from the page: one that takes for ever is given up without the page having stood still. */
import { readWord } from './fromWord'

self.addEventListener('message', (event: MessageEvent<unknown>) => {
  if (!(event.data instanceof ArrayBuffer)) return
  void readWord(new Uint8Array(event.data)).then((read) => self.postMessage(read))
})
