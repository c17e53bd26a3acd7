/** Builds parts of the page that stand alone, so that the browser tests can ask them one by one (tests/e2e/probe.py). */
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

export default defineConfig({
  root: 'probe',
  base: './',
  plugins: [svelte()],
  build: { emptyOutDir: true, target: 'es2022', minify: false },
})
