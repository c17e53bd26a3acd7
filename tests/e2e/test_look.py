"""The frame around all pages: theme, languages, where the focus goes, menus, and what a printer makes of them."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.conftest import Visitor
from tests.e2e.screens.places import RECORD, WRITTEN
from tests.e2e.stage import Stage, View
from tests.servers import People, RunningServer

Visit = Callable[..., Visitor]
SCHEME = "getComputedStyle(document.documentElement).colorScheme"


def account(page: Page) -> Locator:
    """The button of the account's menu."""
    return page.locator("header [aria-haspopup=menu]")


def choose(page: Page, *names: str) -> None:
    """Open the menu and choose, in whichever language the page speaks."""
    account(page).click()
    page.get_by_role("menuitemradio", name=re.compile("|".join(names))).click()


def test_a_chosen_theme_holds_before_the_application_runs(stage: Stage) -> None:
    """[LOOK-6] Light on a dark system and the other way round, without a flash: also if our code never arrives."""
    with stage.context(None, View(dark=True)) as context:
        page = context.new_page()
        page.goto(stage.url)
        expect(page.locator("main h1")).to_be_visible()
        assert page.evaluate(SCHEME) == "light dark"
        choose(page, "Light")
        assert page.evaluate(SCHEME) == "light"

        def refuse_code(route: Route) -> None:
            if re.search(r"/assets/.*\.js$", route.request.url):
                route.abort()
            else:
                route.continue_()

        page.route("**/*", refuse_code)
        page.reload()
        expect(page.locator("main")).to_have_count(0)
        assert page.evaluate(SCHEME) == "light"
        assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(237, 241, 244)"
        page.unroute_all()
        page.reload()
        choose(page, "As the system")
        page.reload()
        assert page.evaluate(SCHEME) == "light dark"


def test_a_move_is_told_to_keyboards_and_screen_readers(stage: Stage) -> None:
    """[LOOK-7] Into a case, back, forward and nowhere: the heading has the focus, the tab its title; and one key press
    leads past the bar."""
    with stage.context("amara", View()) as context:
        page = context.new_page()
        page.goto(stage.url)
        link = page.locator("main a", has_text="Thunderclap").first
        link.click()
        heading = page.get_by_role("heading", level=1)
        expect(heading).to_have_text(re.compile("Thunderclap"))
        expect(heading).to_be_focused()
        expect(page).to_have_title(re.compile("^[A-Z]{2} · Thunderclap.* · Consilium$"))
        page.go_back()
        expect(page.get_by_role("heading", level=1)).to_be_focused()
        expect(page).to_have_title(re.compile("cases · Consilium$"))
        page.go_forward()
        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Thunderclap"))
        expect(page.get_by_role("heading", level=1)).to_be_focused()
        page.goto(f"{stage.url}/nowhere")
        expect(page).to_have_title("Nothing here · Consilium")
        page.keyboard.press("Tab")
        skip = page.get_by_role("button", name="Skip to the content")
        expect(skip).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("main")).to_be_focused()
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Go to my cases")).to_be_focused()


def test_a_menu_is_worked_by_keys(stage: Stage) -> None:
    """[LOOK-10] Arrows, Home, End, first letters, Escape and Tab do what they do in every menu."""
    with stage.context("amara", View()) as context:
        page = context.new_page()
        page.goto(stage.url)
        button, menu = account(page), page.get_by_role("menu")
        button.focus()
        page.keyboard.press("ArrowUp")
        items = menu.locator("[role^=menuitem]")
        expect(items.last).to_be_focused()
        expect(button).to_have_attribute("aria-expanded", "true")
        page.keyboard.press("ArrowDown")
        expect(items.first).to_be_focused()
        page.keyboard.press("End")
        expect(items.last).to_be_focused()
        page.keyboard.press("Home")
        expect(items.first).to_be_focused()
        page.keyboard.press("d")
        expect(menu.get_by_role("menuitemradio", name="Dark")).to_be_focused()
        page.keyboard.press("Escape")
        expect(menu).to_be_hidden()
        expect(button).to_be_focused()
        expect(button).to_have_attribute("aria-expanded", "false")
        page.keyboard.press("Enter")
        expect(items.first).to_be_focused()
        page.keyboard.press("Tab")
        expect(menu).to_be_hidden()
        button.click()
        page.mouse.click(400, 500)
        expect(menu).to_be_hidden()
        button.click()
        expect(menu).to_be_visible()
        button.click()
        expect(menu).to_be_hidden()


def test_the_language_changes_in_place_and_stays(visit: Visit, server: RunningServer, people: People) -> None:
    """[LANG-3] Before sign-in and while writing: what was typed is still there, undo still works, the next visit speaks
    the same."""
    ada = visit(people.lead)
    page, case = ada.page, people.open_case(server)
    ada.open_case(case)
    ada.write("Plan", "Nimodipine. ")
    choose(page, "Español")
    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(account(page)).to_be_focused()
    plan = page.locator("#plan .ProseMirror")
    expect(plan).to_have_text("Nimodipine. ")
    expect(page.get_by_role("heading", level=2, name="Plan")).to_be_visible()
    plan.click()
    page.keyboard.press("Control+z")
    expect(plan).not_to_contain_text("Nimodipine")
    page.reload()
    expect(page.get_by_role("button", name="Saltar al contenido")).to_be_attached()
    account(page).click()
    page.get_by_role("menuitem", name="Cerrar sesión").click()
    page.locator("[name=email]").fill("half@an.address")
    choose(page, "English")
    expect(page.locator("[name=email]")).to_have_value("half@an.address")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_a_browser_is_spoken_to_in_its_language(stage: Stage) -> None:
    """[LANG-3] Somebody new with a Spanish browser reads Spanish from the first screen on, dates included."""
    with stage.context("amara", View("es")) as context:
        page = context.new_page()
        page.clock.set_fixed_time("2026-03-16T09:41:00Z")
        page.goto(stage.url)
        expect(page.locator("main")).to_contain_text("hace 3 días")
        assert page.evaluate("document.documentElement.lang") == "es"


def test_a_record_on_paper_is_whole_and_without_controls(stage: Stage) -> None:
    """[LOOK-8] All sections unfolded, nothing to press, when and by whom it was printed, black on white; and
    folded again afterwards."""
    with stage.context("amara", View(dark=True)) as context:
        page = context.new_page()
        page.goto(f"{stage.url}{RECORD}")
        expect(page.locator(WRITTEN)).to_be_visible()
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print")
        outcome = page.locator("#outcome .ProseMirror")
        expect(outcome).to_be_visible()
        expect(page.get_by_text(re.compile("^Consilium · printed .* by Dr Amara Okafor"))).to_be_visible()
        expect(page.get_by_role("heading", level=2, name="Outcome")).to_be_visible()
        usable = page.locator("button:visible:not(:is(h1, h2, h3) > *), input:visible, select:visible, nav:visible")
        expect(usable).to_have_count(0)
        assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
        assert len(page.pdf(format="A4")) > 10_000
        page.emulate_media(media="screen")
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        expect(outcome).to_be_hidden()


def test_what_colour_says_is_said_without_it(stage: Stage) -> None:
    """[LOOK-11] In forced colours the place where one is still has a mark; motion stops for those who ask for it."""
    with stage.context("amara", View()) as context:
        page = context.new_page()
        page.emulate_media(forced_colors="active", reduced_motion="reduce")
        page.goto(stage.url)
        here = page.locator("nav a[aria-current=page]").first
        expect(here).to_be_visible()
        assert here.evaluate("each => getComputedStyle(each).outlineStyle") == "solid"
        longest = page.evaluate(
            """Math.max(...[...document.querySelectorAll('*')].map(each => getComputedStyle(each))
                .flatMap(style => [style.transitionDuration, style.animationDuration])
                .flatMap(all => all.split(',').map(parseFloat)))"""
        )
        assert longest <= 0.001
