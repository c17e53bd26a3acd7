/** The order of the gallery. */

interface Named {
  readonly id: string
}

/** `to`: the place that it has afterwards, from 0; beyond the ends it is the first or the last. */
export function moved<T extends Named>(all: readonly T[], id: string, to: number): readonly T[] {
  const item = all.find((each) => each.id === id)
  if (item === undefined) return all
  const rest = all.filter((each) => each !== item)
  const at = Math.min(Math.max(to, 0), rest.length)
  return [...rest.slice(0, at), item, ...rest.slice(at)]
}
