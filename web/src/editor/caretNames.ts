/** Shows a caret's name again each time its owner moves: the element stays the same while they type, so CSS alone cannot know. */
import { Extension } from '@tiptap/core'
import { Plugin } from '@tiptap/pm/state'
import type { Awareness } from 'y-protocols/awareness'
import { presenceOf } from '../sync/people'

export function caretNames(awareness: Awareness): Extension {
  return Extension.create({
    name: 'caretNames',
    addProseMirrorPlugins() {
      const places = new Map<number, string>()
      return [
        new Plugin({
          view: (view) => {
            const moved = ({ updated }: { updated: number[] }): void => {
              for (const client of updated) {
                const state = awareness.getStates().get(client)
                const place = JSON.stringify(state?.['cursor'] ?? null)
                if (places.get(client) === place) continue
                places.set(client, place)
                const person = presenceOf(state?.['user'])
                if (person !== null) showAgain(view.dom, person.id)
              }
            }
            awareness.on('update', moved)
            return { destroy: () => awareness.off('update', moved) }
          },
        }),
      ]
    },
  })
}

function showAgain(within: HTMLElement, person: string): void {
  for (const caret of within.querySelectorAll<HTMLElement>('.caret')) {
    if (caret.dataset['person'] !== person) continue
    for (const fading of caret.getAnimations({ subtree: true })) fading.currentTime = 0
    for (const fading of caret.getAnimations({ subtree: true })) fading.play()
  }
}
