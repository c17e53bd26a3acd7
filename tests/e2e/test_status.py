"""What the page says about saving, with two people in front of it and the trouble made for real: a server that is
frozen or gone, no network, a clock that jumps, a laptop that slept. It heals by itself; nothing is lost or doubled."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.conftest import Visitor
from tests.e2e.test_offline import keep_copies
from tests.servers import People, RunningServer

Visit = Callable[..., Visitor]
HEALED_MS = 45_000
NOTES_STATUS = """() => {
    window.said = []
    const line = document.querySelector('[role=status]')
    const note = () => window.said.push(line.textContent.trim())
    new MutationObserver(note).observe(line, { subtree: true, childList: true, characterData: true })
    const spoken = document.querySelector('[aria-live=polite].unseen')
    window.spoken = []
    new MutationObserver(() => window.spoken.push(spoken.textContent)).observe(
        spoken, { subtree: true, childList: true, characterData: true })
}"""

NOTES_GAPS = """() => {
    let last = performance.now()
    window.longestGap = 0
    setInterval(() => {
        const now = performance.now()
        window.longestGap = Math.max(window.longestGap, now - last)
        last = now
    }, 100)
}"""


def test_a_frozen_server_is_told_within_seconds_and_healed(visit: Visit, server: RunningServer, people: People) -> None:
    """[OFF-1] [PAGE-7] Saving, then not saved yet with a count, then saved; a screen reader hears the worry and the
    relief, and not every letter."""
    case = people.open_case(server)
    ada, grace = visit(people.lead), visit(people.contributor)
    ada.open_case(case)
    grace.open_case(case)
    ada.write("Summary", "Before. ")
    expect(ada.status).to_have_text("Saved")
    ada.page.evaluate(NOTES_STATUS)
    server.process.send_signal(signal.SIGSTOP)
    try:
        ada.write("Summary", "While frozen. ")
        expect(ada.status).to_have_text("Saving…")
        expect(ada.status).to_contain_text(re.compile(r"Not saved yet: \d+ changes waiting"))
        expect(grace.section("Summary")).to_have_text("Before. ")
        ada.status.get_by_role("button").click()
        expect(ada.page.get_by_role("dialog")).to_contain_text("has not confirmed your last changes")
        ada.page.keyboard.press("Escape")
    finally:
        server.process.send_signal(signal.SIGCONT)
    expect(ada.status).to_have_text("Saved", timeout=HEALED_MS)
    for visitor in (ada, grace):
        expect(visitor.section("Summary")).to_have_text("Before. While frozen. ")
    # That somebody came is said a moment later, which may be after one began to listen here.
    came = f"{people.contributor.name} joined."
    spoken = [words for words in ada.page.evaluate("window.spoken") if words not in ("", came)]
    assert len(spoken) == 2, spoken
    assert spoken[0].startswith("Not saved yet")
    assert spoken[1] == "Saved"
    assert "Saved" not in ada.page.evaluate("window.said")[:-1], "never said early"


def test_two_tabs_of_one_person_write_offline_and_one_is_closed(
    visit: Visit, server: RunningServer, people: People
) -> None:
    """[OFF-2] [PAGE-7] Each tab holds what the other wrote: the one that is left brings both, once."""
    case = people.open_case(server)
    ada, grace = visit(people.lead), visit(people.contributor)
    ada.open_case(case)
    grace.open_case(case)
    second = Visitor(people.lead, ada.page.context.new_page(), server, ada.complaints)
    second.open_case(case)
    ada.write("Summary", "Both. ")
    expect(second.section("Summary")).to_have_text("Both. ")
    expect(ada.status).to_have_text("Saved")
    server.kill()
    expect(ada.status).to_contain_text("Offline")
    expect(second.status).to_contain_text("Offline")
    ada.page.bring_to_front()
    ada.write("Summary", "First tab. ")
    expect(second.section("Summary")).to_have_text("Both. First tab. ")
    second.page.bring_to_front()
    second.write("Plan", "Second tab.")
    expect(ada.section("Plan")).to_have_text("Second tab.")
    expect(ada.status).to_contain_text(re.compile(r"Offline: \d+ changes kept in this tab"))
    second.page.close()
    server.start()
    expect(ada.status).to_have_text("Saved", timeout=HEALED_MS)
    for visitor in (ada, grace):
        expect(visitor.section("Summary")).to_have_text("Both. First tab. ", timeout=HEALED_MS)
        expect(visitor.section("Plan")).to_have_text("Second tab.")


def test_no_network_and_a_laptop_that_slept(visit: Visit, server: RunningServer, people: People) -> None:
    """[OFF-1] [PAGE-7] The browser says that it is offline: so does the page, also over a socket that looks open. Then
    the lid is shut while the server restarts and a colleague writes; on waking both have all of it."""
    case = people.open_case(server)
    ada, grace = visit(people.lead), visit(people.contributor)
    ada.open_case(case)
    grace.open_case(case)
    ada.write("Summary", "Awake. ")
    expect(ada.status).to_have_text("Saved")
    ada.page.context.set_offline(True)
    expect(ada.status).to_contain_text("Offline")
    ada.write("Summary", "No network. ")
    ada.page.context.set_offline(False)
    expect(ada.status).to_have_text("Saved", timeout=HEALED_MS)
    expect(grace.section("Summary")).to_have_text("Awake. No network. ")

    ada.page.evaluate(NOTES_GAPS)
    devtools = ada.page.context.new_cdp_session(ada.page)
    devtools.send("Debugger.enable")
    devtools.send(
        "Debugger.pause"
    )  # nothing of the page runs, as with a lid that is shut; a headless browser has no lid
    server.kill()
    server.start()
    expect(grace.status).to_have_text("Saved", timeout=HEALED_MS)
    grace.write("Plan", "While she slept.")
    expect(grace.status).to_have_text("Saved")
    devtools.send("Debugger.resume")
    devtools.send("Debugger.disable")
    assert ada.page.evaluate("window.longestGap") > 1500, "it really slept"
    ada.write("Summary", "Woken.")
    expect(ada.status).to_have_text("Saved", timeout=HEALED_MS)
    for visitor in (ada, grace):
        expect(visitor.section("Plan")).to_have_text("While she slept.", timeout=HEALED_MS)
        expect(visitor.section("Summary")).to_have_text("Awake. No network. Woken.")


def test_a_clock_that_jumps_changes_nothing_of_what_is_saved(
    visit: Visit, server: RunningServer, people: People
) -> None:
    """[OFF-1] [OFF-7] A year ahead and a year back, online and offline: the status goes by a clock that does not jump,
    edits are neither lost nor doubled, and copies stay while the server confirms them."""
    case = people.open_case(server)
    ada, grace = visit(people.lead), visit(people.contributor)
    ada.open_case(case)
    grace.open_case(case)
    keep_copies(ada)
    said = []
    for number, jump in enumerate(("+ 31536e6", "- 31536e6", "")):
        ada.page.evaluate(f"() => {{ const real = Date.real ??= Date.now; Date.now = () => real() {jump} }}")
        ada.write("Summary", f"Time {number}. ")
        said.append(f"Time {number}. ")
        expect(ada.status).to_have_text("Saved")
    server.kill()
    expect(ada.status).to_contain_text("Offline")
    ada.page.evaluate("() => { Date.now = () => Date.real() - 31536e6 }")
    ada.write("Summary", "Offline, a year ago.")
    expect(ada.status).to_contain_text(re.compile(r"Offline: \d+ changes kept on this device"))
    server.start()
    expect(ada.status).to_have_text("Saved", timeout=HEALED_MS)
    for visitor in (ada, grace):
        expect(visitor.section("Summary")).to_have_text(f"{''.join(said)}Offline, a year ago.", timeout=HEALED_MS)
