/**
 * Where a file was chosen, as far as the browser lets a page ask there again after a reload: Chromium does, the others give the
 * bytes once. Nothing of a file is kept but that.
 */
import type { Entry } from './gather'

declare global {
  interface DataTransferItem {
    getAsFileSystemHandle?(): Promise<FileSystemHandle | null>
  }
  interface FileSystemHandle {
    requestPermission?(wish: { readonly mode: 'read' }): Promise<PermissionState>
  }
  interface Window {
    showOpenFilePicker?(wish: { readonly multiple: boolean }): Promise<readonly FileSystemFileHandle[]>
  }
}

export interface Origin {
  /** What was chosen or dropped: the file, or a folder that it is in. */
  readonly handle: FileSystemHandle
  /** From the folder to the file; empty for a file. */
  readonly path: readonly string[]
}

const origins = new WeakMap<File, Origin>()

export function originOf(file: File): Origin | null {
  return origins.get(file) ?? null
}

/** The file as it is there now; null: it may not be read, or is not there any more. */
export async function reopen(origin: Origin): Promise<File | null> {
  try {
    const file = await fileAt(origin.handle, origin.path)
    if (file !== null) origins.set(file, origin)
    return file
  } catch {
    return null
  }
}

/** Only in the turn of a press of the person: the browser may ask them. */
export async function permits(handle: FileSystemHandle): Promise<boolean> {
  if (handle.requestPermission === undefined) return true
  return (await handle.requestPermission({ mode: 'read' }).catch(() => 'denied')) === 'granted'
}

/** By the browser's dialog; null: it has none that says where, `[]`: nothing was chosen. */
export async function pickFiles(): Promise<readonly File[] | null> {
  if (window.showOpenFilePicker === undefined) return null
  try {
    const handles = await window.showOpenFilePicker({ multiple: true })
    const files = await Promise.all(handles.map((handle) => reopen({ handle, path: [] })))
    return files.filter((file) => file !== null)
  } catch (error) {
    return error instanceof DOMException && error.name === 'AbortError' ? [] : null
  }
}

/** Called in the event itself: what is dropped is gone when the event is over. */
export async function droppedEntries(data: DataTransfer): Promise<readonly Entry[]> {
  const items = [...data.items].filter(({ kind }) => kind === 'file')
  const found = items.map((item) => ({ entry: item.webkitGetAsEntry(), handle: item.getAsFileSystemHandle?.().catch(() => null) ?? null }))
  const all = await Promise.all(found.map(async ({ entry, handle }) => (entry === null ? null : toEntry(entry, await handle))))
  return all.filter((entry) => entry !== null)
}

function toEntry(entry: FileSystemEntry, root: FileSystemHandle | null): Entry {
  const { name, isFile, isDirectory } = entry
  if (isFile) {
    const path = root?.kind === 'directory' ? entry.fullPath.split('/').slice(2) : []
    const file: Entry['file'] = (found, failed) =>
      (entry as FileSystemFileEntry).file((file) => {
        if (root !== null) origins.set(file, { handle: root, path })
        found(file)
      }, failed)
    return { name, isFile, isDirectory, file }
  }
  return {
    name,
    isFile,
    isDirectory,
    createReader: () => {
      const reader = (entry as FileSystemDirectoryEntry).createReader()
      return { readEntries: (found, failed) => reader.readEntries((entries) => found(entries.map((each) => toEntry(each, root))), failed) }
    },
  }
}

async function fileAt(handle: FileSystemHandle, path: readonly string[]): Promise<File | null> {
  if (handle instanceof FileSystemFileHandle) return path.length === 0 ? handle.getFile() : null
  const [name, ...rest] = path
  if (name === undefined || !(handle instanceof FileSystemDirectoryHandle)) return null
  return fileAt(rest.length === 0 ? await handle.getFileHandle(name) : await handle.getDirectoryHandle(name), rest)
}
