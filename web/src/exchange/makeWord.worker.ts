/** Makes a Word document away from the page, which goes on meanwhile. */
import type { Report } from './report'
import { wordReport } from './word'

self.addEventListener('message', (event: MessageEvent<Report>) => {
  wordReport(event.data).then(
    (bytes) => self.postMessage({ bytes, missing: [] }, { transfer: [bytes] }),
    () => self.postMessage(null),
  )
})
