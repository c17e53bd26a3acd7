/** Builds the plain editor that `bench/` puts beside our page. */
import { defineConfig } from 'vite'

export default defineConfig({
  root: 'bench',
  base: './',
  resolve: { dedupe: ['yjs', 'y-protocols', 'lib0', 'prosemirror-model', 'prosemirror-state', 'prosemirror-transform', 'prosemirror-view'] },
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2022' },
})
