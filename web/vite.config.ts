import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

// A second copy of any of these breaks `instanceof` and the shared plugin keys without an error.
const onlyOneCopyOf = [
  'yjs',
  'y-protocols',
  'lib0',
  'prosemirror-model',
  'prosemirror-state',
  'prosemirror-transform',
  'prosemirror-view',
]

export default defineConfig({
  plugins: [svelte()],
  resolve: { dedupe: onlyOneCopyOf },
  build: {
    outDir: '../server/static',
    emptyOutDir: true,
    target: 'es2022',
    // The page, and the one that shows the description of the API.
    rollupOptions: { input: ['index.html', 'docs.html'] },
  },
  server: {
    // `npm run dev` beside `consilium serve`: the page comes from Vite, everything else from the server.
    proxy: {
      '/api': 'http://127.0.0.1:8000',
      '/collab': { target: 'ws://127.0.0.1:8000', ws: true },
      '/yjs': { target: 'ws://127.0.0.1:8000', ws: true },
    },
  },
  test: { include: ['tests/**/*.test.ts'], environment: 'node', setupFiles: ['tests/speakEnglish.ts'] },
})
