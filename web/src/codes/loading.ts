/** The list of codes: fetched when somebody first looks for one, then kept for as long as the page is open. [CODE-1] */
import { type Entry, readCodes } from './codes'
import address from './snomed.json?url'

let coming: Promise<readonly Entry[]> | null = null

/** Rejects when it cannot be had just now; asked again it is tried again. */
export function loadCodes(): Promise<readonly Entry[]> {
  coming ??= fetchCodes().catch((error: unknown) => {
    coming = null
    throw error
  })
  return coming
}

async function fetchCodes(): Promise<readonly Entry[]> {
  const answer = await fetch(address, { credentials: 'same-origin' })
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`)
  return readCodes(await answer.json())
}
