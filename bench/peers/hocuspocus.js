// @hocuspocus/server with its defaults; with a third argument also a store, as its own SQLite extension does it: one row per
// document, written whole, up to 2 s after an edit (10 s while edits go on). node:sqlite takes the place of the native module.
import { Server } from '@hocuspocus/server'
import { DatabaseSync } from 'node:sqlite'
import * as Y from 'yjs'

const [port, file] = process.argv.slice(2)

const store = (database) => {
  database.exec('CREATE TABLE IF NOT EXISTS documents (name TEXT PRIMARY KEY, data BLOB NOT NULL)')
  const select = database.prepare('SELECT data FROM documents WHERE name = ?')
  const upsert = database.prepare('INSERT INTO documents VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET data = excluded.data')
  return {
    async onLoadDocument({ documentName, document }) {
      const row = select.get(documentName)
      if (row) Y.applyUpdate(document, row.data)
    },
    async onStoreDocument({ documentName, document }) {
      upsert.run(documentName, Y.encodeStateAsUpdate(document))
    },
  }
}

const server = new Server({
  port: Number(port),
  address: '127.0.0.1',
  quiet: true,
  extensions: file ? [store(new DatabaseSync(file))] : [],
})
await server.listen()
