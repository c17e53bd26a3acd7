/** Two letters and a colour that stand on everything of one case, so that two open cases are never mixed up. */

export interface CaseMark {
  readonly letters: string
  /** `#rrggbb`: 3:1 on the sheets of both themes, and white reads on it (4.5:1). */
  readonly color: string
}

/** Even steps around the wheel at one luminance; left out are what looks like its neighbour and the page's own accent. */
export const MARK_COLOURS = [
  '#c84147',
  '#b95303',
  '#996702',
  '#418001',
  '#038254',
  '#087a9f',
  '#1670d2',
  '#6962d4',
  '#9355c2',
  '#b1489e',
] as const

/** No vowels: no words. None that is taken for another. */
const LETTERS = 'BCDFGHJKLMNPRSTVWXZ'

/** Follows from the id alone: the same for everybody, on every device, whatever the case is called. */
export function markOf(caseId: string): CaseMark {
  const hash = fnv1a(caseId)
  const color = MARK_COLOURS[hash % MARK_COLOURS.length] ?? MARK_COLOURS[0]
  const rest = Math.floor(hash / MARK_COLOURS.length)
  const first = LETTERS.charAt(rest % LETTERS.length)
  return { color, letters: first + LETTERS.charAt(Math.floor(rest / LETTERS.length) % LETTERS.length) }
}

/** The mark as a picture for the browser's tab, as a data URL. */
export function markIcon({ letters, color }: CaseMark): string {
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="${color}"/>` +
    `<text x="16" y="22" text-anchor="middle" font-family="system-ui,sans-serif" font-weight="700" font-size="16" fill="#fff">${letters}</text></svg>`
  return `data:image/svg+xml,${encodeURIComponent(svg)}`
}

/** 32-bit FNV-1a: few bits in, well mixed bits out, the same everywhere. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (const letter of text) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193)
  hash ^= hash >>> 15 // its low bits alone mix too little for the remainders taken of them
  hash = Math.imul(hash, 0x85ebca6b)
  return (hash ^ (hash >>> 13)) >>> 0
}
