/** What of a draft is asked for: its words with a little of what stood around them, within what the server takes. */
import { FIELDS, line } from '../case/headFields'
import { type Block, ownText, type Run, type Writing } from '../sync/writing'

/** The server's bounds (server/proposals.py), and what its bodies may weigh by default, less what is around the words. */
const MOST_LETTERS = 20_000
const MOST_PARTS = 1000
const MOST_BYTES = 60_000
const LONGEST_DRAFT = 400

/** Of a passage that stood there already, so much is enough to know the place, at each end. */
const CONTEXT_LETTERS = 80

/** What names a draft, whoever asks how often. */
export function draftKey(fingerprint: string): string {
  return fingerprint.slice(0, LONGEST_DRAFT)
}

/** None when it is too much to ask for. */
export function asked(writing: Writing): Writing | null {
  const withContext = trimmed(writing, shortened)
  if (fits(withContext)) return withContext
  const bare = trimmed(writing, (run) => (run.own ? run : null))
  return fits(bare) ? bare : null
}

function trimmed({ sections, head, fingerprint }: Writing, of: (run: Run) => Run | null): Writing {
  return {
    sections: sections
      .map(({ section, blocks }) => ({ section, blocks: blocks.filter(saysSomething).map((block) => ({ ...block, runs: block.runs.flatMap((run) => of(run) ?? []) })) }))
      .filter(({ blocks }) => blocks.length > 0),
    head: head.filter(([field]) => FIELDS.some((each) => each === field)).map(([field, value]) => [field, line(value)] as const),
    removed: false,
    fingerprint,
  }
}

function saysSomething(block: Block): boolean {
  return ownText(block).trim() !== ''
}

function shortened(run: Run): Run {
  const letters = [...run.text]
  if (run.own || letters.length <= 2 * CONTEXT_LETTERS + 3) return run
  return { ...run, text: `${letters.slice(0, CONTEXT_LETTERS).join('')} … ${letters.slice(-CONTEXT_LETTERS).join('')}` }
}

function fits({ sections, head }: Writing): boolean {
  const blocks = sections.flatMap((section) => section.blocks)
  const runs = blocks.flatMap((block) => block.runs)
  const letters = [...runs.map(({ text }) => text), ...head.map(([, value]) => value)].reduce((sum, text) => sum + text.length, 0)
  const isShort = sections.every((section) => section.blocks.length <= MOST_PARTS) && blocks.every((block) => block.runs.length <= MOST_PARTS)
  return isShort && letters <= MOST_LETTERS && new TextEncoder().encode(JSON.stringify({ sections, head })).length <= MOST_BYTES
}
