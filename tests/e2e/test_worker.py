"""The service worker: how a new version of the page comes in, what goes with the old one, and what it never keeps."""

from __future__ import annotations

import http.client
import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from playwright.sync_api import Browser, Page, expect

from tests.e2e.devices import held_by
from tests.servers import PASSWORD, People, RunningServer

INDEX = re.compile(rb"(url:`/index\.html`,revision:`)")
ASSET = re.compile(rb"\{url:`(/assets/[^`]+)`,revision:null\},")
"""How the build lists the files of the page in the worker."""

TRY_INLINE = """async () => {
    const blocked = new Promise(resolve => document.addEventListener(
        'securitypolicyviolation', ({ effectiveDirective }) => resolve(effectiveDirective), { once: true }))
    const script = document.createElement('script')
    script.textContent = 'window.unsafe = true'
    document.head.append(script)
    return [await blocked, window.unsafe ?? false]
}"""


@contextmanager
def before(server: RunningServer, worker: Callable[[bytes], bytes]) -> Iterator[str]:
    """Our server at another address, where `/sw.js` passes through `worker`: a later release of the page."""

    class Passing(BaseHTTPRequestHandler):
        def _pass(self) -> None:
            if "Upgrade" in self.headers:
                self.send_error(503)
                return
            if not server.is_alive:
                self.send_error(502)
                return
            asked = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
            with suppress(ConnectionError), closing(asked):  # a page that goes elsewhere waits for no answer
                self._answer(asked)

        def _answer(self, asked: http.client.HTTPConnection) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            asked.request(self.command, self.path, body, dict(self.headers.items()))
            answer = asked.getresponse()
            content = answer.read()
            if self.path == "/sw.js":
                content = worker(content)
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("content-length", "connection", "transfer-encoding", "etag", "last-modified"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = _pass  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    proxy = ThreadingHTTPServer(("127.0.0.1", 0), Passing)
    thread = Thread(target=proxy.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{proxy.server_address[1]}"
    finally:
        proxy.shutdown()
        proxy.server_close()
        thread.join()


def keep_copies(page: Page, address: str, case: str, people: People) -> None:
    """Sign in and keep copies, until the page itself is kept."""
    page.goto(address)
    page.get_by_label("E-mail").fill(people.lead.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="My cases")).to_be_visible()
    page.goto(f"{address}/cases/{case}")
    page.get_by_role("status").first.get_by_role("button").click()
    page.get_by_role("checkbox", name="Keep offline copies on this device").check()
    page.keyboard.press("Escape")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")


def test_a_new_version_is_told_and_the_old_one_goes(browser: Browser, server: RunningServer, people: People) -> None:
    """[OFF-12] The page offers it and takes it when told to; files that are no part of it any more leave the cache; the
    page that is kept has the same policy for content; an answer of the API is never taken from a cache."""
    releases = 1
    dropped: list[str] = []

    def worker(script: bytes) -> bytes:
        if releases == 1:
            return script
        entry = ASSET.search(script)
        assert entry is not None
        dropped.append(entry[1].decode())
        return INDEX.sub(rb"\g<1>another", script.replace(entry[0], b""))

    with before(server, worker) as address, browser.new_context() as context:
        page = context.new_page()
        keep_copies(page, address, people.open_case(server), people)
        page.goto(address)
        first = held_by(page).cached
        assert "/index.html" in first

        releases = 2
        page.evaluate("navigator.serviceWorker.getRegistration().then(found => found.update()).then(() => true)")
        offer = page.get_by_role("complementary", name="New version")
        expect(offer).to_contain_text("A new version of this page is ready.")
        with page.expect_navigation():
            offer.get_by_role("button", name="Load it").click()
        expect(page.get_by_role("heading", name="My cases")).to_be_visible()
        expect(offer).not_to_be_attached()
        second = held_by(page).cached
        assert dropped[-1] in first
        assert dropped[-1] not in second
        assert "/index.html" in second
        assert not [path for path in second if path.startswith(("/api", "/cases"))]

        page.evaluate("fetch('/api/me')")
        server.kill()
        assert page.evaluate("fetch('/api/me').then(({ status }) => status, () => 'unreachable')") != 200
        page.goto(f"{address}/nowhere")
        expect(page.get_by_role("heading").first).to_be_visible()
        assert page.evaluate(TRY_INLINE) == ["script-src-elem", False]
