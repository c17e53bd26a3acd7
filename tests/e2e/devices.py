"""What a browser holds of a case on its disk: looked for as somebody would who has the disk and no key."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import Page

LOOK = """async words => {
    const texts = []
    const bytes = []
    const counts = {}
    const seen = value => {
        if (value instanceof ArrayBuffer) bytes.push(new Uint8Array(value))
        else if (ArrayBuffer.isView(value)) bytes.push(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
        else if (value instanceof CryptoKey) texts.push(value.extractable ? 'a key that can be read' : '')
        else if (typeof value === 'object' && value !== null) Object.values(value).forEach(seen)
        else texts.push(String(value))
    }
    for (const { name } of await indexedDB.databases()) {
        const database = await new Promise((resolve, reject) => {
            const asked = indexedDB.open(name)
            asked.onsuccess = () => resolve(asked.result)
            asked.onerror = () => reject(asked.error)
        })
        for (const store of database.objectStoreNames) {
            const rows = await new Promise((resolve, reject) => {
                const asked = database.transaction(store).objectStore(store).getAll()
                asked.onsuccess = () => resolve(asked.result)
                asked.onerror = () => reject(asked.error)
            })
            counts[store] = rows.length
            rows.forEach(seen)
        }
        database.close()
    }
    Object.entries({ ...localStorage, ...sessionStorage }).forEach(seen)
    const kept = []
    for (const name of await caches.keys()) {
        const cache = await caches.open(name)
        for (const { url } of await cache.keys()) {
            kept.push(new URL(url).pathname)
            if (words) texts.push(await (await cache.match(url)).text())
        }
    }
    for (const each of bytes) for (const code of ['utf-8', 'utf-16le']) texts.push(new TextDecoder(code).decode(each))
    const workers = (await navigator.serviceWorker.getRegistrations()).length
    return { texts: texts.join('\\n'), bytes: bytes.length, counts, kept, workers }
}"""


@dataclass(frozen=True, slots=True)
class Held:
    """Everything that the origin keeps in one browser."""

    texts: str = field(repr=False)
    """All of it that can be read, whatever it is; of caches only when asked for."""
    sealed: int
    """How many pieces are bytes."""
    vaults: int
    updates: int
    facts: int
    cached: frozenset[str]
    """Addresses in caches."""
    workers: int

    @property
    def is_nothing(self) -> bool:
        """Neither copies nor the page."""
        return (self.vaults, self.updates, self.facts, self.workers, len(self.cached)) == (0, 0, 0, 0, 0)


def held_by(page: Page, *, words: bool = False) -> Held:
    """What the browser of this page keeps now. `words` reads the files in its caches too."""
    found = page.evaluate(LOOK, words)
    counts = found["counts"]
    return Held(
        texts=found["texts"],
        sealed=found["bytes"],
        vaults=counts.get("vaults", 0),
        updates=counts.get("updates", 0),
        facts=counts.get("facts", 0),
        cached=frozenset(found["kept"]),
        workers=found["workers"],
    )
