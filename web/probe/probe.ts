/** What the browser tests may ask of single parts, as `window.probe`. */
import { mount } from 'svelte'
import '../src/style/tokens.css'
import '../src/style/base.css'
import type { Coded } from '../src/annotations/annotation'
import { speak } from '../src/i18n'
import CodeHolder from './CodeHolder.svelte'
import { pixels } from './pixels'
import { plain, viewing } from './viewing'

await speak(new URLSearchParams(location.search).get('language'))

const probe = {
  pixels,
  viewing,
  plain,
  told: [] as readonly (Coded | null)[],
  /** The field alone; what it tells is kept, oldest first. */
  codeField(value: Coded | null): void {
    const told: (Coded | null)[] = []
    mount(CodeHolder, { target: document.querySelector('#part') ?? document.body, props: { value, told } })
    probe.told = told
  },
}

declare global {
  interface Window {
    probe: typeof probe
  }
}
window.probe = probe
