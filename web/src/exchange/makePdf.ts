/** Makes a PDF: fetches the fonts from our own server, sets the record in them, and tells which letters none of them has. */
import pdfMake from 'pdfmake/build/pdfmake.min.js'
import more from 'dejavu-fonts-ttf/ttf/DejaVuSans.ttf?url'
import moreBold from 'dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf?url'
import italic from 'pdfmake/fonts/Roboto/Roboto-Italic.ttf?url'
import bold from 'pdfmake/fonts/Roboto/Roboto-Medium.ttf?url'
import boldItalic from 'pdfmake/fonts/Roboto/Roboto-MediumItalic.ttf?url'
import regular from 'pdfmake/fonts/Roboto/Roboto-Regular.ttf?url'
import { coverageOf } from './coverage'
import { layOut } from './pdf'
import type { Report } from './report'

export interface Pdf {
  readonly bytes: ArrayBuffer
  readonly missing: readonly string[]
}

const MAIN = { 'regular.ttf': regular, 'bold.ttf': bold, 'italic.ttf': italic, 'bold-italic.ttf': boldItalic }
const MORE = { 'more.ttf': more, 'more-bold.ttf': moreBold }

export async function makePdf(report: Report, load: (url: string) => Promise<ArrayBuffer>): Promise<Pdf> {
  const main = await loaded(MAIN, load)
  const hasMain = coverageOf(main.get('regular.ttf') ?? new ArrayBuffer(0))
  let laid = layOut(report, { main: hasMain, more: () => true })
  let others: ReadonlyMap<string, ArrayBuffer> = new Map()
  if (laid.usesMore) {
    others = await loaded(MORE, load) // a megabyte and a half, and most records do without
    laid = layOut(report, { main: hasMain, more: coverageOf(others.get('more.ttf') ?? new ArrayBuffer(0)) })
  }
  pdfMake.setUrlAccessPolicy(() => false)
  for (const [name, font] of [...main, ...others]) pdfMake.virtualfs.writeFileSync(name, new Uint8Array(font))
  pdfMake.setFonts({
    Main: { normal: 'regular.ttf', bold: 'bold.ttf', italics: 'italic.ttf', bolditalics: 'bold-italic.ttf' },
    More: { normal: 'more.ttf', bold: 'more-bold.ttf', italics: 'more.ttf', bolditalics: 'more-bold.ttf' },
  })
  const bytes = new Uint8Array(await pdfMake.createPdf(laid.definition).getBuffer())
  return { bytes: bytes.buffer, missing: laid.missing }
}

async function loaded(fonts: Readonly<Record<string, string>>, load: (url: string) => Promise<ArrayBuffer>): Promise<ReadonlyMap<string, ArrayBuffer>> {
  return new Map(await Promise.all(Object.entries(fonts).map(async ([name, url]) => [name, await load(url)] as const)))
}
