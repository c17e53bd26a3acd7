import { tick } from 'svelte'

/**
 * Do what a button of presenting or following is for. It goes when that is done; whoever works by keys goes on from what
 * stands in its place, in the same dialog.
 */
export async function stayAtHand(button: HTMLElement, act: () => Promise<void> | void): Promise<void> {
  const around = button.closest('dialog') ?? document
  await act()
  await tick()
  if (!button.isConnected) around.querySelector<HTMLElement>('button[data-following], section[data-following] .acts button')?.focus({ preventScroll: true })
}
