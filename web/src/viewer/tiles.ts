/** Which squares of a large picture are in sight, and on which level they are sharp enough. */
import { type Affine, inverse, mapped, type Size } from './geometry'
import type { Level, Place, Tiles } from './manifest'

export interface Tile {
  /** Among all tiles of all levels. */
  readonly number: number
  readonly place: Place
  /** In pixels of the picture. */
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** A level with fewer pixels than the screen has would be blurred; with more than this factor they are fetched for nothing. */
export function levelFor({ levels }: Tiles, placed: Affine): number {
  const scale = Math.sqrt(Math.abs(placed.a * placed.d - placed.b * placed.c))
  const full = levels[0]
  if (full === undefined) return 0
  const sharp = levels.findLastIndex((level) => level.width >= full.width * Math.min(scale, 1))
  return Math.max(0, sharp)
}

/** Those of one level that a canvas shows, from its middle outwards. `placed`: from the picture's pixels to the canvas's. */
export function tilesInSight(tiles: Tiles, at: number, placed: Affine, canvas: Size): readonly Tile[] {
  const [full, level] = [tiles.levels[0], tiles.levels[at]]
  if (full === undefined || level === undefined) return []
  const back = inverse(placed)
  const corners = [
    { x: 0, y: 0 },
    { x: canvas.width, y: 0 },
    { x: 0, y: canvas.height },
    { x: canvas.width, y: canvas.height },
  ].map((corner) => mapped(back, corner))
  const middle = mapped(back, { x: canvas.width / 2, y: canvas.height / 2 })
  const [wide, high] = [(tiles.tile * full.width) / level.width, (tiles.tile * full.height) / level.height]
  const [xs, ys] = [corners.map(({ x }) => x / wide), corners.map(({ y }) => y / high)]
  const found: Tile[] = []
  for (let row = Math.max(0, Math.floor(Math.min(...ys))); row < Math.min(level.tiles.length, Math.max(...ys)); row += 1) {
    const places = level.tiles[row] ?? []
    for (let column = Math.max(0, Math.floor(Math.min(...xs))); column < Math.min(places.length, Math.max(...xs)); column += 1) {
      const place = places[column]
      if (place === undefined) continue
      const [x, y] = [column * wide, row * high]
      found.push({
        number: before(tiles, at) + row * columnsOf(level) + column,
        place,
        x,
        y,
        width: Math.min(wide, full.width - x),
        height: Math.min(high, full.height - y),
      })
    }
  }
  const off = ({ x, y, width, height }: Tile): number => Math.hypot(x + width / 2 - middle.x, y + height / 2 - middle.y)
  return found.sort((one, other) => off(one) - off(other))
}

const columnsOf = (level: Level): number => level.tiles[0]?.length ?? 0

/** How many stand on the levels before it. */
const before = ({ levels }: Tiles, at: number): number => levels.slice(0, at).reduce((sum, level) => sum + level.tiles.length * columnsOf(level), 0)
