/** Where a browser puts what is made in it: into a file as it comes, or into memory first. */

declare global {
  interface Window {
    showSaveFilePicker?(wish: { readonly suggestedName: string; readonly types: readonly FileType[] }): Promise<FileSystemFileHandle>
  }
  interface FileSystemHandle {
    /** Chromium alone. */
    remove?(): Promise<void>
  }
}

interface FileType {
  readonly description: string
  readonly accept: Readonly<Record<string, readonly string[]>>
}

/** More is not gathered in memory: a phone's page would be ended, and with it what is being written. Arbitrary. */
export const MOST_IN_MEMORY = 512 * 1024 * 1024

/** Writes a stream to its end; errs as the stream does, and leaves nothing then. */
export type Keep = (stream: ReadableStream<Uint8Array>) => Promise<void>

/** Null: not here, file by file. 'declined': they were asked where to, and said nowhere. */
export async function placeFor(name: string, bytes: number): Promise<Keep | 'declined' | null> {
  if (window.showSaveFilePicker !== undefined) {
    try {
      const types = [{ description: 'ZIP', accept: { 'application/zip': ['.zip'] } }]
      const handle = await window.showSaveFilePicker({ suggestedName: name, types })
      return (stream) => intoFile(handle, stream)
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') return 'declined'
      // A browser that lets no page choose: by memory.
    }
  }
  return bytes <= MOST_IN_MEMORY ? (stream) => throughMemory(name, stream) : null
}

async function intoFile(handle: FileSystemFileHandle, stream: ReadableStream<Uint8Array>): Promise<void> {
  try {
    // What is written is not in the file before all of it is, and then at once.
    await stream.pipeTo(await handle.createWritable())
  } catch (error) {
    await removeEmpty(handle).catch(() => undefined)
    throw error
  }
}

/** The file that the browser made when it was chosen; one that was to be replaced is as it was. */
async function removeEmpty(handle: FileSystemFileHandle): Promise<void> {
  if ((await handle.getFile()).size === 0) await handle.remove?.()
}

async function throughMemory(name: string, stream: ReadableStream<Uint8Array>): Promise<void> {
  const made = await new Response(stream, { headers: { 'Content-Type': 'application/zip' } }).blob()
  const url = URL.createObjectURL(made)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
