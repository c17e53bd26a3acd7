"""Two people, two browsers, one real server. A page error or an error on a page's console fails the test that caused
it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect, sync_playwright

from tests.e2e.clinic import clinic, mark_up
from tests.e2e.screens.places import IMAGES
from tests.e2e.screens.viewers import show_images
from tests.e2e.stage import Screen, Stage, View, note_strangers, said, still_server, store_of
from tests.servers import (
    DATABASE,
    PASSWORD,
    ROOT,
    People,
    RunningServer,
    Someone,
    add_people,
    data_with_people,
    start_server,
)

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SCREENSHOTS = ROOT / "screenshots"
DESKTOP, PHONE = (1280, 900), (390, 844)
LINE_DOWN = re.compile(r"WebSocket connection to|Failed to load resource")
"""What a browser itself writes to the console when a server is away: the tests take servers away."""

expect.set_options(timeout=15_000)


@dataclass
class Visitor:
    """A person in front of a browser of their own."""

    someone: Someone
    tab: Page
    server: RunningServer
    complaints: list[str] = field(default_factory=list)
    is_in: bool = False
    is_here: bool = False
    """Whether the page was opened."""

    @property
    def page(self) -> Page:
        """The page: its start, unless they went somewhere else first."""
        if not self.is_here:
            self.go("/")
            if self.is_in:
                self.see_cases()
        return self.tab

    def go(self, path: str) -> None:
        """To an address on the server."""
        self.is_here = True
        self.tab.goto(f"{self.server.url}{path}")

    def come_in(self) -> None:
        """Sign in as the form does, without it: whoever tests something else need not wait for it."""
        answer = self.tab.context.request.post(
            f"{self.server.url}/api/sign-in",
            data={"email": self.someone.email, "password": PASSWORD},
            headers={"Origin": self.server.url},
        )
        assert answer.ok, answer.text()
        self.is_in = True

    def see_cases(self) -> None:
        """Wait until their cases are there."""
        expect(self.page.get_by_role("heading", name=re.compile("^(My|All) cases$"))).to_be_visible()

    def sign_in(self, password: str) -> None:
        """Fill in the form that is there."""
        self.page.get_by_label("E-mail").fill(self.someone.email)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        self.see_cases()

    def open_case(self, case: str) -> None:
        """Go to a case and wait until it is there."""
        self.go(f"/cases/{case}")
        expect(self.section("Summary")).to_be_visible()

    def section(self, name: str) -> Locator:
        """The text of one section."""
        return self.page.get_by_role("textbox", name=name, exact=True)

    @property
    def status(self) -> Locator:
        """What the page says about saving."""
        return self.page.get_by_role("status").first

    def write(self, section: str, text: str) -> None:
        """Click into a section and type at its end."""
        box = self.section(section)
        box.click()
        self.page.keyboard.press("Control+End")
        self.page.keyboard.type(text)

    def picture(self, name: str) -> None:
        """Leave a screenshot for whoever looks at the pages."""
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium, without its own chatter. Not for longer than this folder: its driver holds the thread's event loop."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert found is not None, "no Chromium here: `python3 run test` installs it, or apt-get install chromium"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="package")
def stage(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Every screen, on one server whose clock stands."""
    with still_server(tmp_path_factory.mktemp("stage") / "data") as (url, links):
        stage = Stage(browser, url, links)
        yield stage
        for context in stage.company.values():
            context.close()


@pytest.fixture(scope="package")
def seen_stage(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The screens that show images, on a server that has them."""
    with clinic(tmp_path_factory.mktemp("clinic") / "data") as (url, links):
        stage = Stage(browser, url, links, store_of(url))
        context = stage.context("amara", View())
        page = context.new_page()
        page.goto(f"{url}{IMAGES}")
        show_images(page, lambda key: said("en", key))
        mark_up(page)
        context.close()
        yield stage


@pytest.fixture
def stage_of(request: pytest.FixtureRequest) -> Callable[[Screen], Stage]:
    """Where a screen is: a server is started for the first that is there."""
    return lambda screen: request.getfixturevalue("seen_stage" if screen.has_images else "stage")


@pytest.fixture
def people_apart(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> People:
    """Everybody, in a data folder of this test: for a server of its own."""
    shared = tmp_path_factory.getbasetemp() / "e2e-people"
    shared.mkdir(exist_ok=True)
    return data_with_people(shared, tmp_path / "data")


@pytest.fixture(scope="package")
def common_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One for the tests of this folder, which takes longer to start than many of them last."""
    with start_server(tmp_path_factory.mktemp("common") / "data") as running:
        yield running


@pytest.fixture
def server(common_server: RunningServer) -> RunningServer:
    """A real server process. A test may kill it: the next finds it started again, on the same data."""
    if not common_server.is_alive:
        common_server.start()
    return common_server


@pytest.fixture
def people(server: RunningServer) -> People:
    """Everybody, whom no other test knows."""
    return add_people(server.data / DATABASE, ward=f"{token_hex(4)}.")


@pytest.fixture
def visit(browser: Browser, server: RunningServer) -> Iterator[Callable[..., Visitor]]:
    """Give a person a browser, signed in. Ends with a check that no page complained."""
    visitors: list[Visitor] = []
    stores: set[str] = set()
    contexts: list[BrowserContext] = []

    def is_our_store(netloc: str) -> bool:
        """The page's own policy names it."""
        if netloc not in stores and f"//{netloc}" in server.get("/").headers["content-security-policy"]:
            stores.add(netloc)
        return netloc in stores

    def visit(
        someone: Someone,
        *,
        size: tuple[int, int] = DESKTOP,
        dark: bool = False,
        touch: bool = False,
        locale: str = "en-US",
        signs_in: bool = True,
        density: float = 1,
    ) -> Visitor:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            has_touch=touch,
            locale=locale,
            device_scale_factor=density,
        )
        contexts.append(context)
        visitor = Visitor(someone, context.new_page(), server)
        visitors.append(visitor)
        visitor.tab.on("pageerror", lambda error: visitor.complaints.append(str(error)))

        def note(message: ConsoleMessage) -> None:
            if message.type == "error" and not LINE_DOWN.search(message.text):
                visitor.complaints.append(message.text)

        visitor.tab.on("console", note)
        note_strangers(visitor.tab, server.url, visitor.complaints, is_our_store)
        if signs_in:
            visitor.come_in()
        return visitor

    yield visit
    for context in contexts:
        context.close()
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []
