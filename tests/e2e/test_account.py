"""One's own account in the page: the way back in, the password, where one is signed in, and who one is to others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.e2e.conftest import PHONE, Visitor
from tests.integration.mail_server import LetterBox, mail_server
from tests.servers import PASSWORD, People, RunningServer, free_port

Visit = Callable[..., Visitor]
BETTER = "otter umbrella granite Tuesday"
MOST_PICTURE_BYTES = 4096
TRIES = 5
"""A minute: after that many one is let in again 12 s after the first, so a slow machine sees the refusal too."""
MAIL_SECONDS = 20.0


@pytest.fixture
def box() -> LetterBox:
    return LetterBox()


@pytest.fixture
def people(people_apart: People) -> People:
    """With their server."""
    return people_apart


@pytest.fixture
def server(tmp_path: Path, people: People, box: LetterBox) -> Iterator[RunningServer]:
    """A server that sends mail, and takes small pictures alone."""
    del people
    with mail_server(box) as smtp:
        port = free_port()
        settings = {
            "CONSILIUM_SMTP_HOST": "127.0.0.1",
            "CONSILIUM_SMTP_PORT": str(smtp),
            "CONSILIUM_SMTP_TLS": "none",
            "CONSILIUM_MAIL_FROM": "Consilium <consilium@hospital.example>",
            "CONSILIUM_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "CONSILIUM_MAX_PICTURE_BYTES": str(MOST_PICTURE_BYTES),
            "CONSILIUM_SIGN_INS_PER_MINUTE": str(TRIES),
        }
        running = RunningServer(tmp_path / "data", port, settings, tmp_path / "data.log")
        running.start()
        try:
            yield running
        finally:
            running.stop()


def heading(page: Page, name: str) -> Locator:
    return page.get_by_role("heading", name=name, exact=True)


def picture(*, noise: bool) -> FilePayload:
    """One that the server takes, or one that is still large when the page has made it small."""
    image = Image.effect_noise((512, 512), 90) if noise else Image.new("RGB", (64, 40), "teal")
    drawn = BytesIO()
    image.convert("RGB").save(drawn, "PNG")
    return {"name": "me.png", "mimeType": "image/png", "buffer": drawn.getvalue()}


def choose_password(visitor: Visitor) -> None:
    """On the page of a reset link: first one that is easy to guess, then one that is not."""
    page = visitor.page
    expect(page.get_by_text(visitor.someone.name)).to_be_visible()
    expect(page).to_have_url(f"{visitor.server.url}/reset")
    chosen = page.get_by_label("New password")
    chosen.fill("lovelace1815")
    expect(page.get_by_text("It holds your name or your address.")).to_be_visible()
    page.keyboard.press("Enter")
    expect(chosen).to_have_attribute("aria-invalid", "true")
    chosen.fill(BETTER)
    expect(page.get_by_text("Very good")).to_be_visible()
    page.get_by_role("button", name="Show what I type").click()
    expect(chosen).to_have_attribute("type", "text")
    page.get_by_role("button", name="Use this password").click()
    expect(heading(page, "My cases")).to_be_visible()


def test_a_forgotten_password_comes_back_by_mail(
    visit: Visit, server: RunningServer, people: People, box: LetterBox
) -> None:
    """[ACC-15] [ACC-9] [ACC-11] [ACC-22] From "forgot" to the list of cases on a phone, by a link that leaves no trace
    and works once; the desk that was signed in goes to the sign-in page."""
    desk, phone = visit(people.lead), visit(people.lead, size=PHONE, signs_in=False)
    desk.go("/")
    desk.see_cases()
    page = phone.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.url} {request.headers.get('referer')}"))
    page.get_by_role("link", name="Forgot your password?").click()
    expect(heading(page, "Forgot your password?")).to_be_focused()
    page.get_by_label("E-mail").fill(people.lead.email)
    page.keyboard.press("Enter")
    expect(heading(page, "Look at your mail")).to_be_visible()
    assert box.arrived.wait(MAIL_SECONDS)
    found = re.search(r"http://\S+/reset#([\w-]{43})", box.mails[0].get_content())
    assert found is not None
    link, secret = found[0], found[1]

    page.goto(link)
    choose_password(phone)
    expect(desk.page.get_by_text("Your session has ended.")).to_be_visible()

    page.go_back()
    assert secret not in page.url
    assert not any(secret in each for each in asked)
    page.goto(f"{server.url}/security")
    page.goto(link)
    expect(heading(page, "This link no longer works")).to_be_visible()
    page.get_by_role("link", name="Get a new link").click()
    page.get_by_label("E-mail").fill("nobody@example.org")
    page.keyboard.press("Enter")
    expect(heading(page, "Look at your mail")).to_be_visible()
    page.goto(f"{server.url}/reset")
    expect(heading(page, "Open your link again")).to_be_visible()
    page.get_by_role("link", name="Back to sign-in").click()
    expect(heading(page, "My cases")).to_be_visible()
    desk.sign_in(BETTER)


def change_password(page: Page) -> None:
    """First with a wrong one, then with the right one."""
    old, new = page.get_by_label("Present password"), page.get_by_label("New password")
    old.fill("not this one, surely")
    new.fill(BETTER)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("This is not your present password.")).to_be_visible()
    old.fill(PASSWORD)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("Your password was changed.")).to_be_visible()


def test_a_password_is_changed_and_sign_ins_are_ended(visit: Visit, server: RunningServer, people: People) -> None:
    """[ACC-24] [ACC-22] [ACC-10] [ACC-8] The others go to the sign-in page by themselves; one with an open case keeps
    what is written and goes on after a fresh sign-in."""
    case = people.open_case(server)
    desk, phone = visit(people.lead), visit(people.lead, size=PHONE)
    for each in (desk, phone):
        each.go("/")
        each.see_cases()
    desk.page.get_by_role("button", name="Account").click()
    desk.page.get_by_role("menuitem", name="Sign-in and security").click()
    places = desk.page.get_by_role("region", name="Where you are signed in").get_by_role("listitem")
    expect(places).to_have_count(2)
    expect(places.filter(has_text="This one")).to_have_count(1)

    change_password(desk.page)
    expect(heading(phone.page, "Sign in")).to_be_visible()
    expect(places).to_have_count(1)

    phone.sign_in(BETTER)
    phone.open_case(case)
    phone.write("Plan", "Nimodipine.")
    expect(phone.status).to_contain_text("Saved")
    desk.page.reload()
    desk.page.get_by_role("button", name="Sign out there").click()
    expect(places).to_have_count(1)
    again = phone.page.get_by_role("dialog", name="Sign in again")
    again.get_by_label("Password").fill(BETTER)
    again.get_by_role("button", name="Sign in again").click()
    expect(again).to_be_hidden()
    phone.write("Plan", " Repeat the CT.")
    expect(phone.status).to_contain_text("Saved")
    expect(phone.section("Plan")).to_have_text("Nimodipine. Repeat the CT.")

    phone.page.goto(f"{server.url}/profile")
    expect(heading(phone.page, "Profile")).to_be_visible()
    desk.page.reload()
    desk.page.get_by_role("button", name="Sign out everywhere else").click()
    desk.page.get_by_role("dialog").get_by_role("button", name="Sign out everywhere else").click()
    expect(heading(phone.page, "Sign in")).to_be_visible()
    expect(desk.page.get_by_text("You are signed in nowhere else.")).to_be_visible()
    phone.page.get_by_label("E-mail").fill(people.lead.email)
    phone.page.get_by_label("Password").fill(BETTER)
    phone.page.get_by_role("button", name="Sign in").click()
    expect(heading(phone.page, "Profile")).to_be_visible()


def change_picture(page: Page) -> None:
    """What is no picture, one too large for the server, one that is taken; and taking it away and back."""
    choose = page.locator("input[type=file]")
    choose.set_input_files({"name": "notes.png", "mimeType": "image/png", "buffer": b"not a picture at all"})
    expect(page.get_by_role("alert")).to_contain_text("not a picture")
    choose.set_input_files(picture(noise=True))
    page.get_by_role("button", name="Use this picture").click()
    expect(page.get_by_role("alert")).to_contain_text("takes only smaller pictures")
    choose.set_input_files(picture(noise=False))
    page.get_by_role("button", name="Use this picture").click()
    shown = page.get_by_role("banner").locator("img")
    expect(shown).to_have_js_property("naturalWidth", 256)
    page.get_by_role("button", name="Remove").click()
    expect(shown).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(shown).to_be_visible()


def test_a_profile_is_seen_by_others_at_once(visit: Visit, server: RunningServer, people: People) -> None:
    """[ACC-23] [ACC-1] [ACC-2] A new name on a colleague's open case, a picture that is looked at first and can be
    taken back, and a language that follows to another browser."""
    case = people.open_case(server)
    ada, grace = visit(people.lead), visit(people.contributor)
    grace.open_case(case)
    ada.open_case(case)
    expect(grace.page.get_by_role("region", name="Here now")).to_contain_text("Ada Lovelace")
    page = ada.page.context.new_page()
    page.goto(f"{server.url}/profile")
    name = page.get_by_label("Name", exact=True)
    name.fill(" ")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your name cannot be empty.")).to_be_visible()
    name.fill("Ada King")
    page.get_by_label("Registration number").fill("GMC 1234567")
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. Colleagues see it now.")).to_be_visible()
    expect(grace.page.get_by_role("region", name="Here now")).to_contain_text("Ada King")
    expect(grace.page.get_by_role("main")).not_to_contain_text("Ada Lovelace")
    expect(ada.page.get_by_role("banner")).to_contain_text("Ada King")

    change_picture(page)
    ada.page.reload()
    expect(ada.page.get_by_role("banner").locator("img")).to_be_visible()
    page.get_by_label("Language of the page").select_option("es")
    expect(page.get_by_role("heading", name="Perfil")).to_be_visible()
    elsewhere = visit(people.lead, size=PHONE, signs_in=False)
    elsewhere.page.get_by_label("E-mail").fill(people.lead.email)
    elsewhere.page.get_by_label("Password").fill(PASSWORD)
    elsewhere.page.get_by_role("button", name="Sign in").click()
    expect(elsewhere.page.locator("html")).to_have_attribute("lang", "es")
    elsewhere.page.goto(f"{server.url}/profile")
    expect(elsewhere.page.get_by_label("Número de colegiado")).to_have_value("GMC 1234567")
    expect(elsewhere.page.get_by_role("banner").locator("img")).to_be_visible()


def test_what_was_typed_into_the_profile_outlives_the_sign_in(
    visit: Visit, server: RunningServer, people: People
) -> None:
    """[ACC-28] Ended from another device: after the next sign-in it is there, not saved yet; who left it is not
    reminded, and somebody else finds their own."""
    ada = visit(people.lead)
    page = ada.page
    specialty = page.get_by_label("Specialty")
    page.goto(f"{server.url}/profile")
    specialty.fill("Neurology")
    page.get_by_role("link", name="Cases", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Leave and lose it").click()
    expect(heading(page, "My cases")).to_be_visible()
    page.go_back()
    expect(specialty).to_have_value("")
    specialty.fill("Neuro-oncology")
    assert server.request("DELETE", "/api/me/sign-ins", people.lead.token).status == 200
    for someone, value in ((people.lead, "Neuro-oncology"), (people.contributor, "")):
        page.get_by_label("E-mail").fill(someone.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(specialty).to_have_value(value)
        expect(page.get_by_text("Not saved yet")).to_have_count(1 if value else 0)
        assert server.request("DELETE", "/api/me/sign-ins", someone.token).status == 200


def test_who_tried_too_often_is_told_when_to_try_again(visit: Visit, server: RunningServer, people: People) -> None:
    """[ACC-25] [ACC-4] And the button counts down until the right password gets in."""
    ada = visit(people.lead, signs_in=False)
    ada.page.get_by_label("E-mail").fill(people.lead.email)
    ada.page.get_by_label("Password").fill(PASSWORD)
    for _ in range(TRIES):
        wrong = {"email": people.lead.email, "password": "guess after guess"}
        assert server.request("POST", "/api/sign-in", body=wrong).status == 401
    ada.page.get_by_role("button", name="Sign in").click()
    expect(ada.page.get_by_role("alert")).to_contain_text(re.compile(r"You can try again at \d\d:\d\d:\d\d"))
    button = ada.page.get_by_role("button", name=re.compile(r"Try again in \d+ second"))
    expect(button).to_be_disabled()
    expect(ada.page.get_by_role("button", name="Sign in")).to_be_enabled(timeout=45_000)
    ada.page.get_by_role("button", name="Sign in").click()
    expect(heading(ada.page, "My cases")).to_be_visible()
