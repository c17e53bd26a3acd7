/** What somebody marked in a film, as places on its timeline. */
import type { Annotation } from '../annotations/annotation'

export interface Marker {
  readonly id: string
  readonly seconds: number
  readonly label: string
  /** Of whoever marked it. */
  readonly name: string
  readonly color: string
}

/** Two marks that are nearer are one place: whoever stands on one goes on to the next. */
const APART_SECONDS = 0.02

/** In the order in which the film shows them. What was removed is not among them. */
export function markersOf(annotations: readonly Annotation[]): readonly Marker[] {
  return annotations
    .flatMap(({ id, spot: { seconds }, label, by: { name, color }, isRemoved }) => (seconds === null || isRemoved ? [] : [{ id, seconds, label, name, color }]))
    .sort((one, other) => one.seconds - other.seconds)
}

/** The next one after, or before, a moment; null: there is none. */
export function nextMarker(markers: readonly Marker[], seconds: number, way: 1 | -1): Marker | null {
  const beyond = markers.filter((each) => (each.seconds - seconds) * way > APART_SECONDS)
  return (way === 1 ? beyond[0] : beyond.at(-1)) ?? null
}
