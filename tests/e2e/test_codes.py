"""The field in which a mark gets its code, by hand, by keys and by what a screen reader is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.conftest import DESKTOP, PHONE, SCREENSHOTS
from tests.e2e.inspection import violations
from tests.e2e.probe import build, served

PNEUMOTHORAX = {"system": "http://snomed.info/sct", "code": "36118008", "display": "Pneumothorax"}


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("parts")
    build(folder)
    with served(folder) as url:
        yield url


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": DESKTOP[0], "height": DESKTOP[1]})
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    context.close()
    assert wrong == []


def begin(page: Page, url: str, value: object = None) -> None:
    page.goto(url)
    page.wait_for_function("window.probe")
    page.evaluate("value => probe.codeField(value)", value)


def told(page: Page) -> object:
    return page.evaluate("probe.told")


def test_a_code_is_found_chosen_and_removed_by_keys_alone(page: Page, parts: str) -> None:
    """[CODE-3] and Escape closes nothing but the list."""
    begin(page, parts)
    field = page.get_by_role("combobox", name="Code (SNOMED CT)")
    page.keyboard.press("Tab")
    expect(field).to_be_focused()
    page.keyboard.type("pneumo")
    first = page.get_by_role("option").first
    expect(first).to_contain_text("Pneumothorax")
    assert first.get_attribute("lang") == "en"
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(first).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == first.get_attribute("id")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("option").last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    expect(field).to_have_value("")
    page.keyboard.type("pneumothorax")
    expect(first).to_contain_text("Pneumothorax")
    page.keyboard.press("Enter")
    expect(field).to_have_value("Pneumothorax")
    assert field.get_attribute("lang") == "en"
    assert told(page) == [PNEUMOTHORAX]
    field.fill("")
    page.keyboard.press("Tab")
    assert told(page) == [PNEUMOTHORAX, None]


def test_what_no_code_has_is_said_and_nothing_changes(page: Page, parts: str) -> None:
    """[CODE-3] words that were not taken from the list are no code, and what was chosen before stays."""
    begin(page, parts, PNEUMOTHORAX)
    field = page.get_by_role("combobox")
    field.fill("nothing of the kind")
    expect(page.get_by_role("status")).to_have_text("No such code: use a free label.")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(field).to_have_value("Pneumothorax")
    assert told(page) == []
    page.get_by_role("button", name="Remove the code").click()
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    assert told(page) == [None]


def test_a_list_that_does_not_come_is_said_and_asked_for_again(page: Page, parts: str) -> None:
    """[CODE-1] it is fetched when somebody looks for a code, not before, and once."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "snomed" in request.url else None)
    begin(page, parts)
    assert asked == []

    def refuse(route: Route) -> None:
        route.abort()

    page.route("**/snomed*", refuse)
    field = page.get_by_role("combobox")
    field.press_sequentially("n")
    expect(page.get_by_role("status")).to_contain_text("could not be loaded")
    page.unroute("**/snomed*")
    field.press_sequentially("odule")
    expect(page.get_by_role("option").first).to_contain_text("Nodule")
    before = len(asked)
    field.press_sequentially(" of")
    assert len(asked) == before


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(("size", "theme"), [(DESKTOP, "light"), (PHONE, "dark")])
def test_the_field_is_accessible(
    browser: Browser, parts: str, language: str, size: tuple[int, int], theme: str
) -> None:
    """[CODE-3] axe finds nothing, open, closed and empty."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme="dark" if theme == "dark" else "light"
    )
    page = context.new_page()
    begin(page, f"{parts}?language={language}", PNEUMOTHORAX)
    assert violations(page) == []
    page.get_by_role("combobox").fill("calcif")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"codes-{language}-{size[0]}-{theme}.png")
    page.get_by_role("combobox").fill("zzz")
    expect(page.get_by_role("option")).to_have_count(0)
    assert violations(page) == []
    page.screenshot(path=SCREENSHOTS / f"codes-none-{language}-{size[0]}-{theme}.png")
    context.close()
