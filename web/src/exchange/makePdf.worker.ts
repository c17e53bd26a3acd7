/** Makes a PDF away from the page, which goes on meanwhile. */
import { makePdf } from './makePdf'
import type { Report } from './report'

async function load(url: string): Promise<ArrayBuffer> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`a font did not come: ${response.status}`)
  return await response.arrayBuffer()
}

self.addEventListener('message', (event: MessageEvent<Report>) => {
  makePdf(event.data, load).then(
    (pdf) => self.postMessage(pdf, { transfer: [pdf.bytes] }),
    () => self.postMessage(null),
  )
})
