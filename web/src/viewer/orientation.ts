/**
 * Letters at the edges of a picture: right, left, anterior, posterior, head, feet of the body (PS3.3 §C.7.6.1.1.1,
 * §C.7.6.2.1.1). They follow where rows and columns lead, so turning or mirroring the picture moves them along.
 */
import { mappedBy, type Point, product, scaling, turning } from './geometry'
import type { Slice } from './manifest'
import type { View } from './view'

/** What lies beyond each edge of the window; empty where nothing is known. */
export interface Letters {
  readonly left: string
  readonly right: string
  readonly top: string
  readonly bottom: string
}

/** Less of a direction than this is none: about eleven degrees off. */
const LEAST_SHARE = 0.2
const OPPOSITES = new Map([
  ['R', 'L'],
  ['L', 'R'],
  ['A', 'P'],
  ['P', 'A'],
  ['H', 'F'],
  ['F', 'H'],
])
const NOWHERE: Letters = { left: '', right: '', top: '', bottom: '' }

/** By the slice's place in the body; else by the file's own words; else none. */
export function lettersOf(view: View, slice: Slice | null, directions: readonly (string | null)[]): Letters {
  const ways = waysOf(slice, directions)
  if (ways === null) return NOWHERE
  const shown = product(scaling(view.isMirrored ? -1 : 1, 1), turning(view.turn))
  const across = mappedBy(shown, { x: 1, y: 0 })
  const down = mappedBy(shown, { x: 0, y: 1 })
  const beyond = (x: number, y: number): string => nearest(ways, across, down, { x, y })
  return { left: beyond(-1, 0), right: beyond(1, 0), top: beyond(0, -1), bottom: beyond(0, 1) }
}

/** Where a row leads, and where a column does. */
interface Ways {
  readonly row: string
  readonly column: string
}

function waysOf(slice: Slice | null, directions: readonly (string | null)[]): Ways | null {
  const orientation = slice?.orientation ?? null
  if (orientation !== null) return { row: wordOf(orientation.slice(0, 3)), column: wordOf(orientation.slice(3, 6)) }
  const [row, column] = directions
  return typeof row === 'string' && typeof column === 'string' ? { row, column } : null
}

/** The strongest first, as films are marked: "LA" leads more to the left than forwards. */
function wordOf(vector: readonly number[]): string {
  const [x = 0, y = 0, z = 0] = vector
  const shares: readonly (readonly [share: number, letter: string])[] = [
    [Math.abs(x), x < 0 ? 'R' : 'L'],
    [Math.abs(y), y < 0 ? 'A' : 'P'],
    [Math.abs(z), z < 0 ? 'F' : 'H'],
  ]
  return shares
    .filter(([share]) => share > LEAST_SHARE)
    .sort(([one], [other]) => other - one)
    .map(([, letter]) => letter)
    .join('')
}

/** The word of the way that leads most to where `to` points in the window. */
function nearest({ row, column }: Ways, across: Point, down: Point, to: Point): string {
  const [byRow, byColumn] = [across.x * to.x + across.y * to.y, down.x * to.x + down.y * to.y]
  const isRow = Math.abs(byRow) > Math.abs(byColumn)
  const [word, share] = isRow ? [row, byRow] : [column, byColumn]
  return share > 0 ? word : opposite(word)
}

const opposite = (word: string): string => [...word].map((letter) => OPPOSITES.get(letter) ?? '').join('')
