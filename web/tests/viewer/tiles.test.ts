import fc from 'fast-check'
import { expect, test } from 'vitest'
import { inverse, mapped, type Size } from '../../src/viewer/geometry'
import type { Tiles } from '../../src/viewer/manifest'
import { levelFor, tilesInSight } from '../../src/viewer/tiles'
import { panned, type Picture, placing, turned, whole, zoomed } from '../../src/viewer/view'

/** As the worker cuts a picture: each level half of the one before, until one fits into a tile. */
function cut({ width, height }: Size): Tiles {
  const levels = []
  for (let [w, h] = [width, height]; ; [w, h] = [Math.ceil(w / 2), Math.ceil(h / 2)]) {
    const row = Array.from({ length: Math.ceil(w / 512) }, () => ({ offset: 0, length: 1 }))
    levels.push({ width: w, height: h, tiles: Array.from({ length: Math.ceil(h / 512) }, () => row) })
    if (w <= 512 && h <= 512) return { tile: 512, contentType: 'image/jpeg', levels }
  }
}

const share = fc.double({ min: 0.1, max: 0.9, noNaN: true })

test('[VIEW-9] whatever is in sight lies in a tile that is asked for, sharp enough for the screen, and no tile is asked for twice', () => {
  const pictures = fc.record({ width: fc.integer({ min: 3072, max: 40_000 }), height: fc.integer({ min: 600, max: 40_000 }) })
  let several = 0
  fc.assert(
    fc.property(pictures, fc.double({ min: 1, max: 40, noNaN: true }), share, share, fc.constantFrom(0, 90, 33), (size, factor, x, y, turn) => {
      const picture: Picture = { ...size, aspect: 1 }
      const canvas: Size = { width: 1400, height: 900 }
      const tiles = cut(size)
      const closer = zoomed(turned(whole(picture), turn), picture, canvas, factor, { x: 700, y: 450 })
      const placed = placing(panned(closer, picture, canvas, { x: 0, y: 0 }, { x: x * 500, y: y * 500 }), picture, canvas)
      const level = levelFor(tiles, placed)
      const found = tilesInSight(tiles, level, placed, canvas)
      if (found.length > 1) several += 1
      expect(new Set(found.map(({ number }) => number)).size).toBe(found.length)
      const at = mapped(inverse(placed), { x: canvas.width * x, y: canvas.height * y })
      const isPicture = at.x >= 0 && at.y >= 0 && at.x < size.width && at.y < size.height
      const holds = found.some((tile) => at.x >= tile.x && at.y >= tile.y && at.x <= tile.x + tile.width && at.y <= tile.y + tile.height)
      expect(holds).toBe(isPicture || holds)
      const scale = Math.hypot(placed.a, placed.b)
      const pixels = (tiles.levels[level]?.width ?? 0) / size.width
      expect(level === 0 || pixels >= scale - 1e-9).toBe(true)
      expect(found.length).toBeLessThan(60)
    }),
  )
  expect(several).toBeGreaterThan(20)
})

test('[VIEW-9] tiles of all levels have numbers of their own', () => {
  const tiles = cut({ width: 5000, height: 3000 })
  const picture: Picture = { width: 5000, height: 3000, aspect: 1 }
  const canvas: Size = { width: 5000, height: 3000 }
  const all = tiles.levels.flatMap((_, level) => tilesInSight(tiles, level, placing(whole(picture), picture, canvas), canvas).map(({ number }) => number))
  expect(all.toSorted((one, other) => one - other)).toEqual(all.map((_, at) => at))
})
