/** Which commands a few typed letters mean. */
import type { Command } from './commands.svelte'

/** Every typed word must begin a word of the title or its aliases; accents and case do not matter. */
export function found(commands: readonly Command[], sought: string): readonly Command[] {
  const wanted = words(sought)
  return commands.filter((command) => {
    const have = words(`${command.title()} ${command.alias?.() ?? ''}`)
    return wanted.every((word) => have.some((other) => other.startsWith(word)))
  })
}

function words(text: string): readonly string[] {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLocaleLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
}
