/** The mark that an address asks for, until a picture has it before somebody. [ANN-13] */

let wanted = $state.raw<string | null>(null)

export const wantedMark = (): string | null => wanted

export function wantMark(id: string | null): void {
  wanted = id
}
