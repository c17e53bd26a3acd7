"""Lists, search, new cases and templates, as clinicians and moderators use them in real browsers."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from storage.stores import open_stores
from tests.e2e.conftest import PHONE, Visitor
from tests.e2e.listed_cases import Known, put
from tests.servers import People, RunningServer, data_with_people, start_server, wait_until
from workspace.case import CaseState, Role

Visit = Callable[..., Visitor]

DAY_MILLIS = 86_400_000
MANY = 54
"""More than a page of a list holds."""
SEEN_AGAIN = "document.dispatchEvent(new Event('visibilitychange'))"
"""What a browser says to a page that one comes back to."""
LATE, MENTION, FINISHED, MOVING, STILL, THEIRS = (
    "Céphalée en coup de tonnerre after a delivery",
    "Fever and rash after travel",
    "Iron deficiency without a source",
    "A case that moves up",
    "A case that stays",
    "A case of somebody else",
)


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> People:
    """Everybody, for all tests here: each looks at cases of its own, or at what no other changes."""
    shared = tmp_path_factory.getbasetemp() / "e2e-people"
    shared.mkdir(exist_ok=True)
    return data_with_people(shared, tmp_path_factory.mktemp("cases") / "data")


@pytest.fixture(scope="module")
def known(people: People) -> Mapping[str, Known]:
    """Ada leads many cases that say nothing and three that do; Grace leads two of hers and one that Ada may not see."""
    now = int(time.time() * 1000)
    today = datetime.now().astimezone().date()
    ada, grace = people.lead, people.contributor
    late = Known(
        LATE,
        ada.id,
        now - 2 * DAY_MILLIS,
        members={grace.id: Role.CONTRIBUTOR},
        head={
            "ageBand": "30-39",
            "sex": "female",
            "line": "Nine days post partum, four attacks",
            "nextAction": "MR angiography",
            "nextOwner": ada.id,
            "nextDue": str(today - timedelta(days=3)),
        },
        text="# impression\nVasoconstriction, después del parto.\n\n# plan\nNimodipino cada cuatro horas.\n",
    )
    mention = Known(
        MENTION,
        grace.id,
        now - 3 * DAY_MILLIS,
        members={ada.id: Role.CONSULTANT},
        head={"nextAction": "Malaria film", "nextOwner": grace.id, "nextDue": str(today)},
        mentioned=(ada.id, ada.name),
    )
    finished = Known(
        FINISHED, ada.id, now - 4 * DAY_MILLIS, CaseState.CONCLUDED, text="# outcome\nCapsule: angiodysplasia.\n"
    )
    moving = Known(MOVING, grace.id, now - 5 * DAY_MILLIS, members={people.consultant.id: Role.CONSULTANT})
    still = Known(STILL, grace.id, now - 4 * DAY_MILLIS, members={people.consultant.id: Role.OBSERVER})
    theirs = Known(THEIRS, grace.id, now - 6 * DAY_MILLIS, text="# plan\nNimodipino.\n")
    many = [Known(f"Quiet case {at:02}", ada.id, now - (10 + at) * DAY_MILLIS) for at in range(MANY)]
    return {each.title: each for each in (late, mention, finished, moving, still, theirs, *many)}


@pytest.fixture(scope="module")
def server(
    people: People, known: Mapping[str, Known], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningServer]:
    """A real server that finds these cases when it starts, and has read what they say."""
    data = next(tmp_path_factory.getbasetemp().glob("cases*/data"))

    async def fill() -> None:
        async with open_stores(data / "consilium.sqlite3") as stores:
            for case in known.values():
                await put(stores, case)

    with ThreadPoolExecutor(max_workers=1) as apart:  # the browser's driver holds this thread's loop
        apart.submit(lambda: asyncio.run(fill())).result()
    with start_server(data) as running:

        def has_read() -> bool:
            asked = [{"question": question} for question in ("angiography", "malaria", "angiodysplasia")]
            found = [running.request("POST", "/api/search", people.moderator.token, each).json() for each in asked]
            return all(each["hits"] for each in found)

        wait_until(has_read, seconds=60, what="the records to be read")
        yield running


def rows(page: Page) -> Locator:
    """The cases of the list, or what was found."""
    return page.locator("[data-case]")


def row(page: Page, title: str) -> Locator:
    """One of them."""
    return rows(page).filter(has=page.get_by_role("link", name=title))


def test_a_list_says_what_is_known_of_each_case(visit: Visit, people: People, server: RunningServer) -> None:
    """[LST-12] [LST-17] Counts, what a case is about, what is to be done by whom and when; what is overdue says so."""
    page = visit(people.lead).page
    lists = page.get_by_role("navigation", name="Lists of cases")
    expect(lists.get_by_role("link")).to_have_text([re.compile(f"Mine.*{MANY + 3}"), re.compile("Mine to act on.*1")])
    for words in ("Nine days post partum", "30–39 years", "Next: MR angiography", "You", "Overdue: was due 3 days ago"):
        expect(row(page, LATE)).to_contain_text(words)
    expect(row(page, MENTION)).to_contain_text("You are mentioned")
    expect(row(page, MENTION)).to_contain_text("Due today")
    expect(row(page, MENTION)).not_to_contain_text("Overdue")
    lists.get_by_role("link", name="Mine to act on").click()
    expect(page).to_have_url(f"{server.url}/?tab=act")
    expect(page.get_by_role("heading", level=1)).to_have_text("Waiting for me")
    expect(rows(page)).to_have_count(1)


def test_filters_stand_in_the_address(visit: Visit, people: People, server: RunningServer) -> None:
    """[LST-12] Reload, back and forward keep them; a list that they leave empty offers to clear them."""
    page = visit(people.lead).page
    page.get_by_label("State").select_option("concluded")
    expect(rows(page)).to_have_count(1)
    expect(row(page, FINISHED)).to_be_visible()
    page.reload()
    expect(page.get_by_label("State")).to_have_value("concluded")
    expect(rows(page)).to_have_count(1)
    page.get_by_label("My role").select_option("observer")
    expect(page.get_by_role("heading", name="No case matches these filters")).to_be_visible()
    page.go_back()
    expect(row(page, FINISHED)).to_be_visible()
    expect(page.get_by_label("My role")).to_have_value("")
    page.go_forward()
    expect(page.get_by_role("heading", name="No case matches these filters")).to_be_visible()
    page.get_by_role("button", name="Clear filters").last.click()
    expect(page).to_have_url(f"{server.url}/")
    expect(row(page, LATE)).to_be_visible()


def test_the_way_back_leads_to_where_one_was(visit: Visit, people: People) -> None:
    """[LST-13] From a case far down a list, the list is found as far as it was read; keys go through it."""
    page = visit(people.lead).page
    page.get_by_label("Order").select_option("title")
    expect(rows(page)).to_have_count(50)
    page.get_by_role("button", name="Show more").click()
    expect(rows(page)).to_have_count(MANY + 3)
    last = row(page, f"Quiet case {MANY - 1}")
    last.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Quiet case {MANY - 1}")
    page.go_back()
    expect(rows(page)).to_have_count(MANY + 3)
    expect(last).to_be_in_viewport()
    links = page.locator("[data-case] a")
    links.first.focus()
    page.keyboard.press("End")
    expect(links.last).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Quiet case {MANY - 2}")


def test_a_list_lives(visit: Visit, server: RunningServer, people: People, known: Mapping[str, Known]) -> None:
    """[LST-13] [LST-9] Who comes into a case shows in the list of the others; a case that moves up does not do so
    under a hand; and a case of others is nothing at all."""
    ravi, grace = visit(people.consultant), visit(people.contributor)
    page = ravi.page
    expect(rows(page)).to_have_text([re.compile(STILL), re.compile(MOVING)])
    grace.open_case(known[STILL].id)
    page.evaluate(SEEN_AGAIN)
    expect(row(page, STILL)).to_contain_text("Here now: Grace Hopper")

    row(page, STILL).get_by_role("link").focus()
    grace.open_case(known[MOVING].id)
    grace.write("Plan", "Second film negative.")
    expect(grace.status).to_contain_text("Saved")
    page.evaluate(SEEN_AGAIN)
    expect(page.get_by_role("button", name="Show it as it is now")).to_be_visible()
    expect(rows(page)).to_have_text([re.compile(STILL), re.compile(MOVING)])
    expect(row(page, MOVING)).to_contain_text("Here now: Grace Hopper")
    page.get_by_role("button", name="Show it as it is now").click()
    expect(rows(page)).to_have_text([re.compile(MOVING), re.compile(STILL)])

    page.goto(f"{server.url}/cases/{known[THEIRS].id}")
    expect(page.get_by_role("heading", name="Nothing here")).to_be_visible()


def test_search_as_one_types(visit: Visit, people: People) -> None:
    """[LST-14] [LST-8] [LST-9] Accents and capitals do not matter; hits say where; nobody finds what they may not read;
    the question is in no address; back from a hit, what was found is there."""
    page = visit(people.lead).page
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("/")
    box = page.get_by_role("searchbox", name="Search cases")
    expect(box).to_be_focused()
    page.keyboard.type("CEPHALEE nimodípi")
    hit = row(page, LATE)
    expect(hit).to_contain_text("Plan")
    expect(hit.locator("mark")).to_have_text(["Céphalée", "Nimodipino"])
    expect(rows(page)).to_have_count(1)
    expect(page.get_by_role("status").filter(has_text="1 case")).to_be_visible()

    box.fill("nimodipino")
    expect(hit.locator("mark")).to_have_text(["Nimodipino"])
    expect(rows(page)).to_have_count(1)  # and not the one of others that says it too
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(LATE)
    page.go_back()
    expect(box).to_have_value("nimodipino")
    expect(hit.locator("mark")).to_have_text(["Nimodipino"])
    kept = page.evaluate("JSON.stringify([location.href, history.state, {...localStorage}, {...sessionStorage}])")
    assert "nimodipino" not in kept
    assert [address for address in addresses if re.search("nimodip|cephal", address, re.IGNORECASE)] == []


def test_search_goes_on_and_finds_nothing(visit: Visit, people: People) -> None:
    """[LST-14] States narrow it, more pages follow, nothing found says what to do; Escape and the way to the cases end
    it; a moderator finds all, on a phone too."""
    page = visit(people.lead).page
    box = page.get_by_role("searchbox", name="Search cases")
    box.fill("nimodipino")
    expect(row(page, LATE)).to_be_visible()
    page.get_by_label("State").select_option("concluded")
    expect(page.get_by_role("heading", name="No case says all of this")).to_be_visible()
    page.get_by_role("button", name="Search in all states").click()
    expect(row(page, LATE)).to_be_visible()
    box.fill("quiet")
    expect(rows(page)).to_have_count(20)
    page.get_by_role("button", name="Show more").click()
    expect(rows(page)).to_have_count(40)
    box.press("Escape")
    expect(page.get_by_role("navigation", name="Lists of cases")).to_be_visible()
    box.fill("quiet")
    expect(rows(page)).to_have_count(20)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Cases").click()
    expect(page.get_by_role("navigation", name="Lists of cases")).to_be_visible()
    expect(box).to_have_value("")

    mona = visit(people.moderator, size=PHONE)
    expect(mona.page.get_by_role("heading", level=1)).to_have_text("All cases")
    mona.page.get_by_role("searchbox").fill("nimodipino")
    expect(row(mona.page, THEIRS)).to_be_visible()


def test_a_case_begins(visit: Visit, server: RunningServer, people: People) -> None:
    """[LST-15] [LST-10] From a template that was seen before, in the reader's language, as a draft; and ready to be
    written: the caret is in the summary."""
    stan = visit(people.stranger)
    page = stan.page
    expect(page.get_by_role("heading", name="No cases yet")).to_be_visible()
    page.get_by_role("button", name="Open a case").first.click()
    dialog = page.get_by_role("dialog", name="Open a case")
    expect(dialog).to_contain_text("No patient's name")
    dialog.get_by_role("button", name="Open the case").click()
    expect(dialog).to_contain_text("Give the case a title.")
    dialog.get_by_label("Title").fill("Weight loss and night sweats")
    dialog.get_by_role("radio", name="General consult").check()
    seen = dialog.get_by_role("region", name="What the record starts with")
    expect(seen).to_contain_text("Question for the room")
    dialog.get_by_role("checkbox", name="As a draft").check()
    dialog.get_by_label("Title").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Weight loss and night sweats")
    expect(stan.section("Summary")).to_contain_text("Question for the room")
    expect(stan.section("Summary")).to_be_focused()
    page.keyboard.type("Woman, 34. ")
    expect(stan.section("Summary")).to_contain_text("Woman, 34. ")
    expect(stan.status).to_contain_text("Saved")
    page.get_by_role("link", name="Cases", exact=True).click()
    expect(row(page, "Weight loss and night sweats")).to_contain_text("Draft")

    page.get_by_role("button", name="Account").click()
    page.get_by_role("menuitemradio", name="Español").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mis casos")
    page.get_by_role("button", name="Abrir un caso").click()
    names = page.get_by_role("dialog").get_by_role("radio")
    expect(names.nth(1)).to_have_accessible_name(re.compile("^Comité de tumores"))
    expect(page.get_by_role("dialog").get_by_text("English (5)")).to_be_visible()


def is_saved(page: Page) -> Locator:
    """What says so about a template."""
    return page.get_by_role("status").filter(has_text=re.compile("^Saved$"))


def test_of_two_who_change_a_template_the_second_loses_nothing(
    visit: Visit, people: People, server: RunningServer
) -> None:
    """[LST-16] [LST-11] They are told, see the other's, and choose; nothing unsaved is left without a question."""
    first, second = visit(people.moderator), visit(people.moderator)
    for visitor in (first, second):
        visitor.go("/templates/radiology-en")
        expect(visitor.section("Summary")).not_to_be_empty()
        expect(is_saved(visitor.page)).to_be_visible()
    first.write("Outcome", "Call back after a week.")
    expect(first.page.get_by_role("status").filter(has_text="Not saved yet")).to_be_visible()
    first.page.get_by_role("link", name="Cases", exact=True).click()
    first.page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    first.page.keyboard.press("Control+s")
    expect(is_saved(first.page)).to_be_visible()

    page = second.page
    page.get_by_label("Name").fill("Images, my way")
    second.write("Plan", "Ask twice.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody else changed this template meanwhile.")
    expect(second.section("Plan")).to_contain_text("Ask twice.")
    page.get_by_role("button", name="See theirs").click()
    expect(page.get_by_role("dialog")).to_contain_text("Call back after a week.")
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Save mine over theirs").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Images, my way")
    expect(is_saved(page)).to_be_visible()
    kept = server.get("/api/templates/radiology-en", people.lead.token).body.decode()
    assert "Ask twice." in kept
    assert "Call back" not in kept


def test_moderators_keep_the_list_of_templates(visit: Visit, people: People, server: RunningServer) -> None:
    """[LST-16] Copied into a language, retired and offered again, reset; and others have no such page."""
    page = visit(people.moderator).page
    page.get_by_role("button", name="Account").click()
    page.get_by_role("menuitem", name="Templates").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Templates")
    page.get_by_role("link", name="Dermatology").click()
    page.get_by_label("Name").fill("Skin")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Skin")
    page.get_by_role("main").get_by_role("link", name="Templates").click()

    changed = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="Skin"))
    expect(changed).to_contain_text("Changed here")
    changed.get_by_role("button").click()
    page.get_by_role("menuitem", name="Offer it no more").click()
    expect(changed).to_contain_text("Not offered")
    page.get_by_role("button", name="Undo").click()
    expect(changed).not_to_contain_text("Not offered")
    changed.get_by_role("button").click()
    page.get_by_role("menuitem", name="Copy into a language").click()
    page.get_by_role("dialog").get_by_label("Language").select_option("es")
    page.get_by_role("dialog").get_by_role("button", name="Make the copy").click()
    page.get_by_label("Name").fill("Piel")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Piel")
    page.get_by_role("main").get_by_role("link", name="Templates").click()
    copy = page.get_by_role("region", name="Español").get_by_role("listitem").filter(has_text="Piel")
    expect(copy).to_contain_text("Own")
    changed.get_by_role("button").click()
    page.get_by_role("menuitem", name="Reset to the original").click()
    page.get_by_role("dialog").get_by_role("button", name="Reset to the original").click()
    expect(page.get_by_role("link", name="Dermatology")).to_be_visible()
    expect(changed).to_have_count(0)

    ada = visit(people.lead)
    ada.go("/templates")
    expect(ada.page.get_by_role("heading", name="Nothing here")).to_be_visible()
