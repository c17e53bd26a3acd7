"""Three people before one picture, in windows of different sizes and densities: one leads, the others see the same."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Response, Route, expect

from tests.e2e.clinic import unfold_actions
from tests.e2e.conftest import DESKTOP, PHONE, Visitor
from tests.e2e.inspection import violations
from tests.e2e.media.files import photo, series
from tests.e2e.media.panel import WORK_MS, Visit, choose, open_panel, tiles
from tests.servers import People, RunningServer, wait_until

SLICES = 6
AT = re.compile(r"\((\d+), (\d+)\): (-?[\d.]+)")
LAPTOP = (1000, 640)
PARAGRAPHS = 40
STAGE = "dialog[open] .stage [role=img] canvas"
FOCUS = "document.activeElement?.tagName"
PLACE = "document.querySelectorAll('#impression .prose > *')[at]?.getBoundingClientRect().top"
QUARTER = """each => {
    const { a, b } = new DOMMatrix(getComputedStyle(each).transform)
    return [Math.abs(a) < 1e-6, b > 0]
}"""
BRING = f"at => scrollBy(0, {PLACE} - innerHeight * 0.3)"


@dataclass
class Company:
    """Who leads, and two who follow: at a desk with small pixels, and on a phone."""

    lead: Visitor
    desk: Visitor
    phone: Visitor

    @property
    def followers(self) -> tuple[Visitor, Visitor]:
        return self.desk, self.phone


def strip(visitor: Visitor) -> Locator:
    """What says who presents: in the medium that is open, else in the case's bar or above the openers."""
    page = visitor.page
    opened = page.locator("dialog[open].preview section[data-following]")
    return opened if opened.count() else page.locator(":is(.bar, .dock) section[data-following]")


def says(visitor: Visitor, words: str) -> None:
    wait_until(
        lambda: words in (strip(visitor).first.inner_text() if strip(visitor).count() else ""),
        seconds=15,
        what=lambda: f"{words!r}; instead: {strip(visitor).all_inner_texts()}",
    )


def press(visitor: Visitor, name: str) -> None:
    strip(visitor).get_by_role("button", name=name, exact=True).click()


def middle(page: Page) -> tuple[int, int] | None:
    """The pixel of the picture in the middle of the window, as it is told of the place under the pointer."""
    box = page.locator(STAGE).bounding_box()
    if box is None:
        return None
    page.mouse.move(box["x"] + box["width"] / 2 + 1, box["y"] + box["height"] / 2)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    found = page.get_by_text(AT)
    told = AT.search(found.first.inner_text()) if found.count() else None
    return None if told is None else (int(told[1]), int(told[2]))


def sees_the_same(company: Company, visitor: Visitor) -> None:
    """Image, window, letters and the pixel in the middle."""
    ours, theirs = company.lead.page, visitor.page
    for words in (re.compile(r"^Image \d+ of \d+$"), re.compile(r"^C -?\d+ W \d+")):
        expect(theirs.get_by_text(words).first).to_have_text(ours.get_by_text(words).first.inner_text())
    expect(theirs.locator(".letter.north")).to_have_text(ours.locator(".letter.north").inner_text())

    def is_near() -> bool:
        here, there = middle(ours), middle(theirs)
        return here is not None and there is not None and max(abs(here[0] - there[0]), abs(here[1] - there[1])) <= 1

    wait_until(is_near, seconds=10, what=lambda: f"the same pixel: {middle(ours)}, {middle(theirs)}")


def is_before(page: Page, paragraph: int) -> bool:
    """About where the presenter has it: a third down from the top."""
    share: float | None = page.evaluate(f"at => {PLACE} / innerHeight", paragraph)
    return share is not None and abs(share - 0.3) < 0.12


def open_series(visitor: Visitor) -> None:
    """From the gallery."""
    tiles(visitor).locator(".picture").click()
    expect(visitor.page.get_by_text(f"Image 1 of {SLICES}", exact=True)).to_be_visible(timeout=WORK_MS)


@pytest.fixture
def company(visit: Visit, people: People, case: str, server: RunningServer, tmp_path: Path) -> Company:
    """All have the case open, and there is a series in it."""
    server.set_member(case, people.lead, people.consultant, "consultant")
    lead = visit(people.lead, size=DESKTOP)
    lead.open_case(case)
    open_panel(lead)
    lead.page.locator("[data-picker=folder]").set_input_files(series(tmp_path, SLICES))
    expect(tiles(lead)).to_contain_text(f"{SLICES} images", timeout=WORK_MS)
    desk = visit(people.contributor, size=LAPTOP, density=2)
    phone = visit(people.consultant, size=PHONE, density=3, touch=True, dark=True)
    for each in (desk, phone):
        each.open_case(case)
    return Company(lead, desk, phone)


def all_follow(company: Company) -> None:
    company.lead.page.get_by_role("button", name="Present", exact=True).click()
    says(company.lead, "You present")
    for each in company.followers:
        says(each, "Ada Lovelace presents")
        expect(strip(each)).to_be_in_viewport(ratio=1)
        press(each, "Follow")
        says(each, "You follow Ada Lovelace")
    says(company.lead, "2 follow")


def change_much(page: Page) -> None:
    """Scroll, window, zoom, pan, turn and mirror."""
    page.get_by_role("slider", name="Image").fill("3")
    page.get_by_role("combobox", name="Window").select_option(label="Bone")
    page.get_by_role("button", name="Exchange left and right").click()
    page.get_by_role("button", name="Turn right").click()
    for _ in range(4):
        page.keyboard.press("+")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+ArrowUp")


def test_followers_see_exactly_what_the_presenter_sees(company: Company) -> None:
    """[FOL-5] [FOL-7] [FOL-8] [FOL-10] [FOL-15] Opened, changed, pointed at and closed; then the passage that is read;
    nobody's focus is taken."""
    lead, desk, phone = company.lead, *company.followers
    all_follow(company)
    desk.picture("following-desk-before")
    open_series(lead)
    for each in company.followers:
        expect(each.page.get_by_text(f"Image 1 of {SLICES}", exact=True)).to_be_visible(timeout=WORK_MS)
    change_much(lead.page)
    for each in company.followers:
        sees_the_same(company, each)
    middle(lead.page)
    for each in company.followers:
        expect(each.page.locator(".pointer")).to_have_text("Ada Lovelace")
        hand, stage = (
            each.page.locator(".pointer").bounding_box(),
            each.page.locator(STAGE).bounding_box(),
        )
        assert hand is not None
        assert stage is not None
        assert hand["x"] == pytest.approx(stage["x"] + stage["width"] / 2, abs=12)
        assert hand["y"] == pytest.approx(stage["y"] + stage["height"] / 2, abs=12)
    for name, each in (("lead", lead), ("desk", desk), ("phone", phone)):
        each.picture(f"following-picture-{name}")
        assert violations(each.page) == []

    lead.page.get_by_role("dialog").get_by_role("button", name="Close").click()
    for each in company.followers:
        expect(each.page.get_by_role("dialog")).to_have_count(0)
    focus = phone.page.evaluate(FOCUS)
    lead.write("Impression", "\n".join(f"Paragraph {number} of the impression." for number in range(PARAGRAPHS)))
    for paragraph in (20, 6):
        lead.page.evaluate(BRING, paragraph)
        for each in company.followers:
            wait_until(lambda each=each, at=paragraph: is_before(each.page, at), seconds=10, what="the same passage")  # type: ignore[misc]
    assert phone.page.evaluate(FOCUS) == focus
    for name, each in (("lead", lead), ("phone", phone)):
        each.picture(f"following-record-{name}")
        assert violations(each.page) == []


def test_own_input_ends_following_and_one_key_returns(company: Company) -> None:
    """[FOL-10] A key, a wheel, Escape, and writing; the presenter is told who still follows."""
    lead, desk, _ = company.lead, *company.followers
    all_follow(company)
    open_series(lead)
    expect(desk.page.get_by_text(f"Image 1 of {SLICES}", exact=True)).to_be_visible(timeout=WORK_MS)
    desk.page.keyboard.press("ArrowDown")
    says(desk, "You look yourself. Ada Lovelace presents")
    expect(desk.page.get_by_text(f"Image 2 of {SLICES}", exact=True)).to_be_visible()
    says(lead, "1 follows")
    lead.page.keyboard.press("End")
    expect(company.phone.page.get_by_text(f"Image {SLICES} of {SLICES}", exact=True)).to_be_visible()
    expect(desk.page.get_by_text(f"Image 2 of {SLICES}", exact=True)).to_be_visible()
    desk.picture("following-looking")
    desk.page.keyboard.press("Alt+Shift+F")
    says(desk, "You follow Ada Lovelace")
    expect(desk.page.get_by_text(f"Image {SLICES} of {SLICES}", exact=True)).to_be_visible()
    says(lead, "2 follow")

    middle(desk.page)
    says(desk, "You follow Ada Lovelace")  # a hand that only rests there is no input
    desk.page.mouse.wheel(0, -100)
    says(desk, "You look yourself")
    press(desk, "Follow again")
    desk.page.keyboard.press("Escape")
    says(desk, "You look yourself")
    expect(desk.page.get_by_text(f"Image {SLICES} of {SLICES}", exact=True)).to_be_visible()
    desk.page.get_by_role("dialog").get_by_role("button", name="Close").click()
    desk.section("Summary").click()
    desk.page.keyboard.press("Alt+Shift+F")
    expect(desk.page.get_by_role("dialog")).to_be_visible()
    lead.page.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(desk.page.get_by_role("dialog")).to_have_count(0)
    desk.write("Summary", "A word of one's own.")
    says(desk, "You look yourself")
    open_series(lead)
    expect(company.phone.page.get_by_role("dialog")).to_be_visible()
    desk.page.keyboard.type(" And one more.")
    expect(desk.section("Summary")).to_contain_text("A word of one's own. And one more.")
    expect(desk.page.get_by_role("dialog")).to_have_count(0)


def test_of_two_beside_each_other_the_one_in_hand_is_followed_and_that_is_said(
    company: Company, tmp_path: Path
) -> None:
    """[FOL-13] [VIEW-14] A series beside a photo: whichever has the keys, as it is looked at; both strips say so."""
    lead, desk, phone = company.lead, *company.followers
    choose(lead, photo(tmp_path))
    expect(tiles(lead)).to_have_count(2, timeout=WORK_MS)
    all_follow(company)
    tiles(lead).filter(has_text=f"{SLICES} images").locator(".picture").click()
    expect(lead.page.get_by_text(f"Image 1 of {SLICES}", exact=True)).to_be_visible(timeout=WORK_MS)
    said = "Others see the one with the keys"
    assert said not in strip(lead).inner_text()
    unfold_actions(lead.page)
    lead.page.get_by_role("combobox", name="Compare with…").select_option(label="Photo")
    says(lead, said)
    for each in company.followers:
        says(each, "Of two, you see the one in their hand")
    lead.page.keyboard.press("PageDown")
    for each in company.followers:
        expect(each.page.get_by_text(f"Image {SLICES} of {SLICES}", exact=True)).to_be_visible(timeout=WORK_MS)
    lead.page.keyboard.press("ArrowRight")
    lead.page.keyboard.press("r")
    ours = lead.page.locator("dialog .stage img").evaluate(QUARTER)
    for each in company.followers:
        theirs = each.page.locator("dialog .stage img")
        expect(theirs).to_be_visible(timeout=WORK_MS)
        wait_until(lambda theirs=theirs: theirs.evaluate(QUARTER) == ours, seconds=10, what="the same turn")  # type: ignore[misc]
    for name, each in (("lead", lead), ("desk", desk), ("phone", phone)):
        each.picture(f"following-pair-{name}")
        assert violations(each.page) == []
    lead.page.keyboard.press("ArrowLeft")
    for each in company.followers:
        expect(each.page.get_by_text(f"Image {SLICES} of {SLICES}", exact=True)).to_be_visible(timeout=WORK_MS)
    lead.page.get_by_role("button", name="End comparing").click()
    for each in company.followers:
        wait_until(
            lambda each=each: "in their hand" not in strip(each).inner_text(),  # type: ignore[misc]
            seconds=10,
            what="nothing said of two",
        )


def test_the_place_is_asked_for_handed_over_left_alone_and_taken_over(
    company: Company, visit: Visit, people: People, case: str
) -> None:
    """[FOL-7] [FOL-2] [FOL-3] Who follows goes on to the new presenter; a tab that dies keeps the place for seconds."""
    lead, desk, phone = company.lead, *company.followers
    all_follow(company)
    press(desk, "Ask to present")
    says(lead, "Grace Hopper asks to present")
    says(phone, "Grace Hopper asks to present")
    lead.picture("following-asked")
    strip(lead).get_by_role("button", name="Hand over to Grace Hopper").click()
    says(desk, "You present")
    says(lead, "Grace Hopper presents")
    says(phone, "You follow Grace Hopper")
    says(desk, "1 follows")

    moderator = visit(people.moderator)
    moderator.open_case(case)
    says(moderator, "Grace Hopper presents")
    _hear_by_being_refused(desk.page)
    press(moderator, "Take over")
    says(moderator, "You present")
    says(desk, "Mona Haddad presents")
    expect(desk.page.get_by_text("Mona Haddad presents now, and you no more.")).to_be_visible()
    says(phone, "You follow Mona Haddad")
    moderator.picture("following-moderator")

    # As if its process had been killed: no goodbye arrives.
    moderator.page.context.route("**/presenter/*", _lose_goodbyes)
    moderator.page.close()
    expect(lead.page.get_by_role("button", name="Present", exact=True)).to_be_visible(timeout=20_000)
    expect(phone.page.get_by_text("Mona Haddad presents no more.")).to_be_visible()
    desk.page.get_by_role("button", name="Present", exact=True).click()
    says(desk, "You present")
    says(phone, "Grace Hopper presents")

    desk.page.goto(f"{desk.server.url}/")
    expect(phone.page.get_by_role("button", name="Present", exact=True)).to_be_visible(timeout=5_000)


def test_a_view_is_bookmarked_for_everybody_and_put_into_the_text(company: Company) -> None:
    """[FOL-11] [FOL-12] It opens as it was in another window, from the list and from the text; its title is changed, it
    is taken away and comes back, for both."""
    lead, desk, _ = company.lead, *company.followers
    open_series(lead)
    change_much(lead.page)
    unfold_actions(lead.page)
    lead.page.get_by_role("button", name="Bookmark this view").click()
    expect(lead.page.get_by_text(re.compile("^Bookmarked: "))).to_be_visible()
    lead.page.get_by_role("button", name="Put into the text").click()
    expect(lead.page.get_by_role("dialog")).to_have_count(0)
    open_panel(desk)
    kept = desk.page.locator("section:has(> h3:text-is('Bookmarks')) li")
    expect(kept).to_have_count(1)
    desk.picture("following-bookmarks")
    assert violations(desk.page) == []
    kept.locator("button.open").click()
    sees_what_was_kept(desk)
    desk.page.keyboard.press("Escape")  # the sheet
    desk.page.locator("#imaging-title button").click()
    desk.page.locator("#imaging figure button").click()
    sees_what_was_kept(desk)
    open_panel(desk)

    tiles(lead).first.scroll_into_view_if_needed()
    ours = lead.page.locator("section:has(> h3:text-is('Bookmarks')) li")
    ours.get_by_role("button", name=re.compile("^More about")).click()
    lead.page.get_by_role("menuitem", name="Rename").click()
    lead.page.get_by_role("textbox", name="What one sees here").fill("A fracture, perhaps")
    lead.page.get_by_role("dialog").get_by_role("button", name="Rename").click()
    expect(kept).to_contain_text("A fracture, perhaps")
    ours.get_by_role("button", name=re.compile("^More about")).click()
    lead.page.get_by_role("menuitem", name="Remove").click()
    expect(kept).to_have_count(0)
    lead.page.get_by_role("button", name="Undo", exact=True).last.click()
    expect(kept).to_contain_text("A fracture, perhaps")


def sees_what_was_kept(visitor: Visitor) -> None:
    """The image and its window; then it is closed again."""
    expect(visitor.page.get_by_text(f"Image 4 of {SLICES}", exact=True)).to_be_visible(timeout=WORK_MS)
    expect(visitor.page.get_by_text("C 600 W 2800 HU")).to_be_visible()
    visitor.page.locator("dialog.preview").get_by_role("button", name="Close").click()
    expect(visitor.page.locator("dialog.preview")).to_have_count(0)


def _hear_by_being_refused(page: Page) -> None:
    """Whoever presents asks who does only after they could not go on: as if that had been on its way before."""
    is_refused = False

    def note(answer: Response) -> None:
        nonlocal is_refused
        is_refused |= answer.request.method == "PUT" and "/presenter/" in answer.url and answer.status >= 400

    def answer(route: Route) -> None:
        if is_refused:
            route.continue_()
        else:
            route.abort()

    page.on("response", note)
    page.route("**/presenter", answer)


def _lose_goodbyes(route: Route) -> None:
    if route.request.method == "DELETE":
        route.abort()
    else:
        route.continue_()
