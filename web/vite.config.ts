import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { build, type Plugin } from 'vite'
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

// Larger parts (making PDF files, their fonts) are of no use without a network, and too much to fetch ahead.
const LARGEST_KEPT_BYTES = 1_000_000

/** Builds the service worker beside the page, at the root, with the list of the page's own files in it. */
function serviceWorker(): Plugin {
  let publicDir = ''
  return {
    name: 'consilium-service-worker',
    apply: 'build',
    configResolved: (config) => void (publicDir = config.publicDir),
    async writeBundle({ dir }, bundle) {
      const copied = readdirSync(publicDir, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => join(parentPath, name))
        .map((path) => ({ name: path.slice(publicDir.length + 1), content: readFileSync(path) }))
      const kept = Object.values(bundle)
        .map((file) => ({ name: file.fileName, content: file.type === 'chunk' ? file.code : file.source }))
        .concat(copied)
        .filter(({ name, content }) => content.length <= LARGEST_KEPT_BYTES && !/\.(?:map|ttf)$/.test(name))
        .map(({ name, content }) => {
          // What stands under a hashed name never changes; the page itself does.
          const revision = name.startsWith('assets/') ? null : createHash('sha256').update(content).digest('hex').slice(0, 16)
          return { url: `/${name}`, revision }
        })
        .sort((a, b) => (a.url < b.url ? -1 : 1))
      await build({
        configFile: false,
        logLevel: 'warn',
        define: { __PAGE__: JSON.stringify(kept), 'process.env.NODE_ENV': '"production"' },
        build: {
          outDir: dir ?? '',
          emptyOutDir: false,
          copyPublicDir: false,
          target: 'es2022',
          lib: { entry: 'src/offline/worker.ts', formats: ['iife'], name: 'consilium', fileName: () => 'sw.js' },
        },
      })
    },
  }
}

export default defineConfig({
  plugins: [svelte(), serviceWorker()],
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
      '/notices': { target: 'ws://127.0.0.1:8000', ws: true },
      '/yjs': { target: 'ws://127.0.0.1:8000', ws: true },
    },
  },
  // Hundreds of made-up examples take seconds beside other work; a test that hangs ends all the same.
  test: { include: ['tests/**/*.test.ts'], environment: 'node', setupFiles: ['tests/speakEnglish.ts'], testTimeout: 60_000 },
})
