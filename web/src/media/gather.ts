/** Files out of what was dropped or chosen: whole folders too, without what operating systems and CDs put beside the pictures. */

export interface Gathered {
  readonly files: readonly File[]
  /** How many were left out, and why. */
  readonly skipped: Readonly<Record<Skip, number>>
  /** Whether there are more than one page brings at once. */
  readonly isCut: boolean
}

export type Skip = 'system' | 'directory' | 'empty'

/** A CT of the whole body has about 3,000 slices; more than this at once is a mistake more often than not. */
export const MOST_FILES = 5_000
const DEEPEST = 12

/** Index of a CD; the files say the same themselves, and it holds names of patients. */
const DIRECTORY = /^DICOMDIR$/i
const SYSTEM = /^(?:\.|~\$|Thumbs\.db$|desktop\.ini$|autorun\.inf$|LOCKFILE$)/i
const SYSTEM_FOLDER = /^(?:\.|__MACOSX$|System Volume Information$|\$RECYCLE)/i

/** What of the browser's own entry we use: another one stands in for it in tests. */
export interface Entry {
  readonly name: string
  readonly isFile: boolean
  readonly isDirectory: boolean
  /** Of a file. */
  readonly file?: (found: (file: File) => void, failed: (error: unknown) => void) => void
  /** Of a folder; the list comes in pieces of a hundred, until one is empty. */
  readonly createReader?: () => { readEntries(found: (entries: readonly Entry[]) => void, failed: (error: unknown) => void): void }
}

/** `entries`: as they were dropped. What cannot be read is left out as an empty file is. */
export async function gatherEntries(entries: readonly Entry[]): Promise<Gathered> {
  const found: File[] = []
  let skipped = 0
  const look = async (entry: Entry, depth: number): Promise<void> => {
    if (found.length > MOST_FILES || depth > DEEPEST) return
    if (entry.isDirectory) {
      if (SYSTEM_FOLDER.test(entry.name)) skipped += 1
      else for (const inner of await inside(entry)) await look(inner, depth + 1)
      return
    }
    const file = await fileOf(entry)
    if (file !== null) found.push(file)
  }
  for (const entry of entries) await look(entry, 0)
  const gathered = gatherFiles(found)
  return { ...gathered, skipped: { ...gathered.skipped, system: gathered.skipped.system + skipped } }
}

/** Of a chosen folder the browser gives all files at once, with their paths. */
export function gatherFiles(all: readonly File[]): Gathered {
  const skipped: Record<Skip, number> = { system: 0, directory: 0, empty: 0 }
  const files = all.filter((file) => {
    const why = skipOf(file)
    if (why !== null) skipped[why] += 1
    return why === null
  })
  return { files: files.slice(0, MOST_FILES), skipped, isCut: files.length > MOST_FILES }
}

function skipOf(file: File): Skip | null {
  const folders = file.webkitRelativePath.split('/').slice(0, -1)
  if (SYSTEM.test(file.name) || folders.some((folder) => SYSTEM_FOLDER.test(folder))) return 'system'
  if (DIRECTORY.test(file.name)) return 'directory'
  return file.size === 0 ? 'empty' : null
}

async function inside(folder: Entry): Promise<readonly Entry[]> {
  const reader = folder.createReader?.()
  const all: Entry[] = []
  if (reader === undefined) return all
  while (all.length <= MOST_FILES) {
    const some = await new Promise<readonly Entry[]>((found) => reader.readEntries(found, () => found([])))
    if (some.length === 0) break
    all.push(...some)
  }
  // As their names say it: slices are numbered.
  return all.toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
}

function fileOf(entry: Entry): Promise<File | null> {
  return new Promise((resolve) => (entry.file === undefined ? resolve(null) : entry.file(resolve, () => resolve(null))))
}
