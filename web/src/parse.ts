/** Reads values that came from outside into types we trust; throws `Unreadable` where they differ from the contract. */

export class Unreadable extends Error {}

export type Fields = ReadonlyMap<string, unknown>

export function fields(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Unreadable('expected an object')
  return new Map(Object.entries(value))
}

export function text(from: Fields, name: string): string {
  const value = from.get(name)
  if (typeof value !== 'string') throw new Unreadable(`${name}: expected a text`)
  return value
}

export function optionalText(from: Fields, name: string): string | null {
  const value = from.get(name)
  return value === undefined || value === null ? null : text(from, name)
}

export function number(from: Fields, name: string): number {
  const value = from.get(name)
  if (typeof value !== 'number') throw new Unreadable(`${name}: expected a number`)
  return value
}

export function list<T>(from: Fields, name: string, read: (item: unknown) => T): readonly T[] {
  const value = from.get(name)
  if (!Array.isArray(value)) throw new Unreadable(`${name}: expected a list`)
  return value.map(read)
}

/** One word of a closed set. */
export function oneOf<T extends string>(from: Fields, name: string, words: readonly T[]): T {
  const value = text(from, name)
  const word = words.find((candidate) => candidate === value)
  if (word === undefined) throw new Unreadable(`${name}: unknown word`)
  return word
}
