import { expect, test } from 'vitest'
import { linked, linkTo } from '../../src/viewer/linking'
import { PagesLooking } from '../../src/viewer/pages.svelte'

const page = (width: number, height: number): { width: number; height: number; offset: number; length: number } => ({ width, height, offset: 0, length: 1 })
const pages = [page(1240, 1754), page(1240, 1754), page(1754, 1240)]

test('[VIEW-18] a link holds the page and what of it is seen', () => {
  const looking = new PagesLooking('m', pages, null)
  looking.go(1)
  looking.view = { ...looking.view, centre: { x: 300, y: 400 }, extent: { width: 200, height: 100 } }
  const sent = linked(new URL(linkTo('q'.repeat(16), looking.carried()), 'https://consilium.example.org').hash)
  const other = new PagesLooking('m', pages, sent)
  expect([other.at, other.view]).toEqual([1, looking.view])
  other.take({ ...looking.carried(), frame: 99 })
  expect(other.at).toBe(2)
})

test('[VIEW-18] the next page shows the same part, one of another size is whole, and there is none beyond the last', () => {
  const looking = new PagesLooking('m', pages, null)
  const near = { ...looking.view, centre: { x: 300, y: 400 }, extent: { width: 200, height: 100 } }
  looking.view = near
  looking.go(1)
  expect(looking.view).toEqual(near)
  looking.go(2)
  expect([looking.view.centre, looking.view.extent]).toEqual([{ x: 877, y: 620 }, { width: 1754, height: 1240 }])
  looking.go(3)
  expect(looking.at).toBe(2)
  looking.go(-1)
  expect(looking.at).toBe(0)
})
