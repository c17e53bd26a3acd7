/** A person's colour as a line on any picture: with a dark edge it is seen on white, and it is made light enough for black. */
import { inkOn } from '../sync/people'

/** Of white: some for everybody, so that a line is lighter than the grey of tissue; of a dark colour more than half. */
const SHARES = [0.4, 0.5, 0.6, 0.75]

export function lineColour(color: string): string {
  const lightened = SHARES.map((share) => mixed(color, share))
  // Black reads better on it: its luminance is above 0.18, more than 4.5:1 on black.
  return lightened.find((each) => inkOn(each) === '#000000') ?? '#ffffff'
}

function mixed(color: string, share: number): string {
  const channels = [1, 3, 5].map((at) => Math.round(parseInt(color.slice(at, at + 2), 16) * (1 - share) + 255 * share))
  return `#${channels.map((each) => each.toString(16).padStart(2, '0')).join('')}`
}
