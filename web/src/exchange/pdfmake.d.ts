/** What we call of pdfmake, which has no types of its own. */
declare module 'pdfmake/build/pdfmake.min.js' {
  interface Faces {
    readonly normal: string
    readonly bold: string
    readonly italics: string
    readonly bolditalics: string
  }

  interface PdfMake {
    readonly virtualfs: { writeFileSync(name: string, content: Uint8Array): void }
    setFonts(fonts: Readonly<Record<string, Faces>>): void
    setUrlAccessPolicy(allows: (url: string) => boolean): void
    createPdf(definition: Readonly<Record<string, unknown>>): { getBuffer(): Promise<Uint8Array> }
  }

  const pdfMake: PdfMake
  export default pdfMake
}
