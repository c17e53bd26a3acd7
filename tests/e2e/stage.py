"""One still server and every screen of the page on it: what the tests of access and the pictures go through."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, expect

from server.access import COOKIE
from tests.e2e.pictured_case import STORE, stand_in
from tests.e2e.still_server import NEWCOMER, NOW
from tests.servers import ROOT, free_port

WORDS = ROOT / "web" / "src" / "i18n"
STILL = """*, *::before, *::after {
    transition: none !important; animation: none !important; caret-color: transparent !important }"""
ADD_STYLE = """css => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(css)
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
}"""
"""A stylesheet made by script: the Content-Security-Policy lets no inline one in, ours neither."""


def said(language: str, key: str) -> re.Pattern[str]:
    """How the page says something: whatever stands in its gaps, and with a count, whichever plural."""
    words = json.loads((WORDS / f"{language}.json").read_text("utf-8"))
    *groups, last = key.split(".")
    for group in groups:
        words = words[group]
    found = [text for name, text in words.items() if re.sub(r"_(zero|one|two|few|many|other)$", "", name) == last]
    assert found, f"nothing is called {key}"
    spelled = (".*".join(re.escape(part) for part in re.split(r"\{\{\w+\}\}", text)) for text in found)
    return re.compile(f"^({'|'.join(spelled)})$")


@dataclass(frozen=True, slots=True)
class View:
    """How somebody looks at a screen."""

    language: str = "en"
    size: tuple[int, int] = (1440, 900)
    dark: bool = False


@dataclass(frozen=True, slots=True)
class Screen:
    """One screen of the page: who sees it, where, and what is done to get it."""

    name: str
    who: str | None
    path: str
    about: str
    """One line for the index of the pictures."""
    shows: str = "main h1"
    """What must be on it before it is looked at."""
    steps: Callable[[Page, Callable[[str], re.Pattern[str]]], object] | None = None
    """What is pressed after it is there; the second argument says words in the view's language."""
    company: tuple[str, ...] = ()
    """Who else has it open."""
    only: str | None = None
    """`phone` or `desktop`, for what the other does not have."""
    ours: bool = True
    """Drawn by us, and not by a library that we only serve."""
    has_images: bool = False
    """Shows what comes from a store: it is on the clinic's server, and not on the still one."""


@dataclass
class Stage:
    """The running server, and a browser for whoever wants to look."""

    browser: Browser
    url: str
    links: Mapping[str, str]
    store: str = urlsplit(STORE).netloc
    """Where its images come from: the only other server that its pages may ask."""
    cookies: dict[str, str] = field(default_factory=dict)
    company: dict[tuple[str, str], BrowserContext] = field(default_factory=dict)

    def context(self, who: str | None, view: View) -> BrowserContext:
        """A browser that nobody used before, signed in."""
        width, height = view.size
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if view.dark else "light",
            locale={"en": "en-GB", "es": "es-ES"}[view.language],
            timezone_id="UTC",
            reduced_motion="reduce",
            service_workers="block",
            has_touch=width < 700,
        )
        stand_in(context)
        if who is not None:
            if who not in self.cookies:
                self.cookies[who] = self._sign_in(context, who)
            context.add_cookies([{"name": COOKIE, "value": self.cookies[who], "url": self.url}])
        return context

    @contextlib.contextmanager
    def shown(self, screen: Screen, view: View) -> Iterator[Page]:
        """The screen, at rest, in a fresh browser. An error on the page fails whoever asked for it."""
        for other in screen.company:
            self._keep_open(other, screen)
        context = self.context(screen.who, view)
        complaints: list[str] = []
        try:
            page = context.new_page()
            page.on("pageerror", lambda error: complaints.append(str(error)))
            note_strangers(page, self.url, complaints, lambda netloc: netloc == self.store)
            page.clock.set_fixed_time(NOW / 1000)
            page.goto(f"{self.url}{screen.path}")
            expect(page.locator(screen.shows).first).to_be_visible()
            page.evaluate(ADD_STYLE, STILL)
            if screen.steps is not None:
                screen.steps(page, lambda key: said(view.language, key))
            settle(page)
            yield page
        finally:
            context.close()
        assert complaints == [], f"{screen.name}: {complaints}"

    def _keep_open(self, who: str, screen: Screen) -> None:
        if (who, screen.path) in self.company:
            return
        context = self.company[who, screen.path] = self.context(who, View())
        page = context.new_page()
        page.goto(f"{self.url}{screen.path}")
        expect(page.locator(screen.shows).first).to_be_visible()

    def _sign_in(self, context: BrowserContext, who: str) -> str:
        answer = context.request.post(
            f"{self.url}/api/sign-in", data={"link": self.links[who]}, headers={"Origin": self.url}
        )
        assert answer.ok, answer.text()
        found = [cookie["value"] for cookie in context.cookies() if cookie["name"] == COOKIE]
        return found[0]


def note_strangers(
    page: Page, url: str, complaints: list[str], is_ours: Callable[[str], bool] = lambda netloc: False
) -> None:
    """[ACC-27] Complain of every request to another server than ours, and of what the Content-Security-Policy stops.
    `is_ours`: the store of images is another server, and ours."""
    ours = urlsplit(url).netloc

    def ask(address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("data", "blob") and parts.netloc != ours and not is_ours(parts.netloc):
            complaints.append(f"a request to {parts.scheme}://{parts.netloc}")

    page.on("request", lambda request: ask(request.url))
    page.on("websocket", lambda socket: ask(socket.url))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)


def store_of(url: str) -> str:
    """The server of images that a server's own policy lets its pages ask."""
    asked = urllib.request.Request(f"{url}/", headers={"Accept": "text/html"})
    with urllib.request.urlopen(asked, timeout=10) as answer:
        words = str(answer.headers["content-security-policy"]).replace(";", " ").split()
    (found,) = {urlsplit(word).netloc for word in words if word.startswith("http")} - {urlsplit(url).netloc}
    return found


def settle(page: Page) -> None:
    """Wait until nothing is fetched and nothing on the page has changed for a while."""
    page.wait_for_load_state("networkidle")
    page.evaluate(
        """() => new Promise(resolve => {
            let timer = setTimeout(done, 150)
            const watcher = new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(done, 150) })
            const longest = setTimeout(done, 4000)
            watcher.observe(document, { childList: true, subtree: true, attributes: true, characterData: true })
            function done() { watcher.disconnect(); clearTimeout(longest); resolve(null) }
        })"""
    )


@contextlib.contextmanager
def still_server(data: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """A server whose clock stands, until the block ends: its address, and a link for each person."""
    port, log = free_port(), data.with_suffix(".log")
    command = [sys.executable, "-m", "tests.e2e.still_server", str(data), str(port)]
    with (
        log.open("wb") as errors,
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        try:
            assert process.stdout is not None
            links: dict[str, str] = {}
            while NEWCOMER.key not in links:  # it is the last; a server that ends instead ends the output
                line = process.stdout.readline()
                assert line != "", log.read_text("utf-8", "replace")[-2000:]
                key, _, link = line.strip().partition(" ")
                links[key] = link
            yield f"http://127.0.0.1:{port}", links
        finally:
            process.terminate()
