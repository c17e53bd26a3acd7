"""S5 and S6: one real browser on a record in which nine others type, and how it feels there."""

from __future__ import annotations

import asyncio
import random
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode

from playwright.async_api import CDPSession, Page, async_playwright

from bench.client import Client, join_all
from bench.gauge import cpu_seconds, quantiles
from bench.line import framed
from bench.long_record import MARK, Keystroke, write_keystrokes, write_record
from bench.tasks import Felt, Fluency, Place
from bench.typing_load import MAX_CLIENT_ID

PLAIN_PAGE = Path(__file__).resolve().parents[1] / "web" / "bench" / "dist"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
WARM_UP_SECONDS = 3.0
PATIENCE_MS = 120_000.0
ARRIVE_SECONDS = 10.0
WATCH = """
window.paints = []; window.longTasks = []
addEventListener('keydown', (event) => {
  requestAnimationFrame(() => {
    const after = new MessageChannel()
    after.port1.onmessage = () => paints.push(performance.now() - event.timeStamp)
    after.port2.postMessage(null)
  })
}, true)
new PerformanceObserver((list) => {
  for (const task of list.getEntries()) longTasks.push({ at: task.startTime, ms: task.duration })
}).observe({ type: 'longtask', buffered: true })
"""
"""The frame after a key's own handlers has painted when the message behind it is heard."""
WRITABLE = """(letters) => {
  const editor = document.querySelector('[contenteditable="true"]')
  return editor !== null && editor.textContent.length >= letters && performance.now()
}"""
ARRIVED = f"""() => [...document.querySelectorAll('[contenteditable="true"] p')]
  .map((each) => each.textContent).filter((text) => text.includes('{MARK}'))
  .reduce((sum, text) => sum + text.length - text.indexOf('{MARK}') - 1, 0)"""


class Typist:
    """One of the others, with everything spelled before it starts."""

    def __init__(self, client: Client, keystrokes: list[Keystroke]) -> None:
        self.client = client
        wire = client.wire
        self._frames = [(framed(wire.update(key.update)), framed(wire.awareness(key.state))) for key in keystrokes]

    async def type(self, every: float, rng: random.Random) -> None:
        """All of it, in an open loop."""
        due = time.perf_counter() + rng.random() * every
        for update, state in self._frames:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            self.client.send_update(update)
            assert self.client.line is not None
            self.client.line.write(state)
            due += every


async def run_fluency(task: Fluency) -> Felt:
    """Write the record, let the others in, open it in the browser, and type. Raises: ConnectionError, TimeoutError."""
    rng = random.Random(task.seed)
    sections = task.reading.sections
    every = 1 / task.keystrokes_per_second
    count = round((task.seconds + WARM_UP_SECONDS) * task.keystrokes_per_second)
    record = write_record(sections, task.letters, len(task.doors))
    typists = [
        Typist(
            Client(task.place, door),
            write_keystrokes(record, sections, number, rng.randrange(2, MAX_CLIENT_ID), count),
        )
        for number, door in enumerate(task.doors)
    ]
    await join_all([(typist.client, None) for typist in typists])
    typists[0].client.send_update(framed(typists[0].client.wire.update(record)))
    async with open_browser() as page:
        first = task.letters // len(sections) * 0.9
        open_ms = await open_record(page, task, first)
        await unfold(page, len(sections))
        devtools = await page.context.new_cdp_session(page)
        await devtools.send("Performance.enable")
        typing = [asyncio.create_task(typist.type(every, rng)) for typist in typists]
        editor = page.locator('[contenteditable="true"]').first
        await editor.press("Control+Home")
        await asyncio.sleep(WARM_UP_SECONDS)
        await page.evaluate("paints.length = longTasks.length = 0")
        before, began_at, cpu_before = await metrics(devtools), time.perf_counter(), cpu_seconds(task.place.pid)
        keys = await type_here(page, every, task.seconds)
        after, seconds = await metrics(devtools), time.perf_counter() - began_at
        server_cpu = cpu_seconds(task.place.pid) - cpu_before
        paints = await page.evaluate("paints")
        long_ms = await page.evaluate("longTasks.reduce((sum, task) => sum + task.ms, 0)")
        await asyncio.gather(*typing)
        missing = await wait_for_letters(page, count * len(typists))
    for typist in typists:
        typist.client.close()
    return Felt(
        open_ms=open_ms,
        paint_ms=quantiles([paint / 1000 for paint in paints]),
        busy_share=(after["TaskDuration"] - before["TaskDuration"]) / seconds,
        long_task_share=long_ms / 1000 / seconds,
        heap_bytes=int(after["JSHeapUsedSize"]),
        server_cpu_seconds=server_cpu,
        seconds=seconds,
        keys=keys,
        missing=missing,
    )


@asynccontextmanager
async def open_browser() -> AsyncIterator[Page]:
    """Chromium with an empty page that watches its own fluency. Raises: RuntimeError."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        raise RuntimeError("no Chromium here: `python3 run test` installs it")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=FLAGS)
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(PATIENCE_MS)
        await page.add_init_script(WATCH)
        yield page
        await browser.close()


async def open_record(page: Page, task: Fluency, letters: float) -> float:
    """Go there and wait until one can write; milliseconds by the page's own clock."""
    place, document = task.place, task.doors[0].address
    origin = f"http://{place.host}:{place.port}"
    if task.reading.email:
        credentials = {"email": task.reading.email, "password": task.reading.password}
        answer = await page.request.post(f"{origin}/api/sign-in", data=credentials, headers={"Origin": origin})
        if not answer.ok:
            raise ConnectionError(f"sign-in: {answer.status}")
        await page.goto(f"{origin}/cases/{document.partition('/')[0]}")
        return await _writable(page, letters)
    with plain_page(place) as address:
        await page.goto(f"{address}?{urlencode({'server': f'ws://{place.host}:{place.port}', 'document': document})}")
        return await _writable(page, letters)


async def _writable(page: Page, letters: float) -> float:
    found = await page.wait_for_function(WRITABLE, arg=letters)
    return float(await found.json_value())


@contextmanager
def plain_page(place: Place) -> Iterator[str]:
    """The address of the plain editor, while it is being opened."""
    server = ThreadingHTTPServer((place.host, 0), partial(QuietHandler, directory=str(PLAIN_PAGE)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://{place.host}:{server.server_port}/index.html"
    server.shutdown()
    server.server_close()


class QuietHandler(SimpleHTTPRequestHandler):
    """Says nothing of each request."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the name is the library's
        """Nothing."""


async def unfold(page: Page, sections: int) -> None:
    """Show every section, as one who reads it all."""
    editors = page.locator('[contenteditable="true"]')
    while await editors.count() < sections:
        await page.locator('main section h2 button[aria-expanded="false"]').first.click()


async def type_here(page: Page, every: float, seconds: float) -> int:
    """Keys at the beginning of the record, in an open loop."""
    began_at = time.perf_counter()
    keys = 0
    while (due := keys * every) < seconds:
        await asyncio.sleep(max(0.0, began_at + due - time.perf_counter()))
        await page.keyboard.press("abcdefgh "[keys % 9])
        keys += 1
    return keys


async def metrics(devtools: CDPSession) -> dict[str, float]:
    """The browser's own counters: seconds and bytes."""
    answer = await devtools.send("Performance.getMetrics")
    return {each["name"]: each["value"] for each in answer["metrics"]}


async def wait_for_letters(page: Page, expected: int) -> int:
    """How many letters of the others are still not shown after a while."""
    until = time.perf_counter() + ARRIVE_SECONDS
    while (missing := expected - int(await page.evaluate(ARRIVED))) > 0 and time.perf_counter() < until:
        await page.wait_for_timeout(100)
    return max(0, missing)
