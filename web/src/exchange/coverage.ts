/** Which letters a font has, read from its own table (OpenType `cmap`, formats 4 and 12). */

export type Has = (codePoint: number) => boolean

interface Range {
  readonly first: number
  readonly last: number
}

export function coverageOf(font: ArrayBuffer): Has {
  const ranges = rangesOf(new DataView(font)).sort((a, b) => a.first - b.first)
  return (codePoint) => {
    let [low, high] = [0, ranges.length - 1]
    while (low <= high) {
      const middle = (low + high) >> 1
      const range = ranges[middle]
      if (range === undefined) return false
      if (codePoint < range.first) high = middle - 1
      else if (codePoint > range.last) low = middle + 1
      else return true
    }
    return false
  }
}

function rangesOf(view: DataView): Range[] {
  const tables = view.getUint16(4)
  for (let table = 0; table < tables; table += 1) {
    const at = 12 + table * 16
    if (view.getUint32(at) === 0x636d6170) return cmap(view, view.getUint32(at + 8))
  }
  throw new RangeError('a font without a cmap')
}

function cmap(view: DataView, start: number): Range[] {
  const subtables = Array.from({ length: view.getUint16(start + 2) }, (_, index) => start + view.getUint32(start + 4 + index * 8 + 4))
  const wide = subtables.find((at) => view.getUint16(at) === 12)
  if (wide !== undefined) {
    return Array.from({ length: view.getUint32(wide + 12) }, (_, group) => {
      const at = wide + 16 + group * 12
      return { first: view.getUint32(at), last: view.getUint32(at + 4) }
    })
  }
  const narrow = subtables.find((at) => view.getUint16(at) === 4)
  return narrow === undefined ? [] : segments(view, narrow)
}

function segments(view: DataView, at: number): Range[] {
  const count = view.getUint16(at + 6) / 2
  const [ends, starts] = [at + 14, at + 16 + count * 2]
  return Array.from({ length: count }, (_, segment) => ({ first: view.getUint16(starts + segment * 2), last: view.getUint16(ends + segment * 2) })).filter(({ last }) => last !== 0xffff)
}
