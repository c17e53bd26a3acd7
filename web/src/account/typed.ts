/** What somebody typed into their profile and had not saved when their sign-in ended: in this tab's memory alone, for them alone. */

type Typed = Readonly<Record<string, string>>

let kept: { readonly person: string; readonly typed: Typed } | null = null

export function keepTyped(person: string, typed: Typed): void {
  kept = { person, typed: { ...typed } }
}

/** Once: it is the form's again. Nobody else is given it, and whoever else comes ends it. */
export function takeTyped(person: string): Typed {
  const held = kept
  kept = null
  return held?.person === person ? held.typed : {}
}

/** Its author left the page, and was asked. */
export function dropTyped(): void {
  kept = null
}
