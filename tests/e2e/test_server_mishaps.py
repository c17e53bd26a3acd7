"""What people see when the server's disk is full, and when its database was taken back to an earlier time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.disk import Disk, faulty, missing
from tests.e2e.conftest import PHONE, Visitor
from tests.e2e.test_offline import keep_copies
from tests.servers import PASSWORD, People, RunningServer, run_command, start_server

Visit = Callable[..., Visitor]
HEALED_MS = 45_000

pytestmark = pytest.mark.skipif(missing() is not None, reason=missing() or "")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with faulty(tmp_path) as disk:
        yield disk


@pytest.fixture
def people(people_apart: People) -> People:
    """With their server."""
    return people_apart


@pytest.fixture
def server(tmp_path: Path, people: People, disk: Disk) -> Iterator[RunningServer]:
    """A real server on that disk, with 1 MiB set aside."""
    del people  # made first, in the same folder
    settings = dict(disk.environment()) | {"CONSILIUM_RESERVE_BYTES": str(1024 * 1024)}
    with start_server(tmp_path / "data", settings) as running:
        yield running


def test_a_full_disk_is_told_and_heals(visit: Visit, server: RunningServer, people: People, disk: Disk) -> None:
    """[STO-10] [PAGE-7] The letter that filled it is saved; the next ones are kept on the page, which says why. Readers
    go on reading. When there is room, everything is saved without a hand."""
    case = people.open_case(server)
    ada, olu = visit(people.lead), visit(people.observer, size=PHONE)
    ada.open_case(case)
    olu.open_case(case)
    ada.write("Summary", "Before. ")
    expect(ada.status).to_have_text("Saved")
    disk.leave_room(0)
    ada.write("Summary", "x")
    expect(ada.status).to_have_text("Saved")
    ada.write("Summary", " Not yet.")
    expect(ada.status).to_contain_text("Not saved: the server's disk is full.", timeout=HEALED_MS)
    ada.picture("disk-full")
    expect(olu.status).to_have_text("Read-only")
    expect(olu.section("Summary")).to_have_text("Before. x")
    disk.leave_room(64 * 1024 * 1024)
    expect(ada.status).to_have_text("Saved", timeout=HEALED_MS)
    expect(olu.section("Summary")).to_have_text("Before. x Not yet.")
    ada.page.reload()
    expect(ada.section("Summary")).to_have_text("Before. x Not yet.")


def sign_in_again(visitor: Visitor) -> None:
    dialog = visitor.page.get_by_role("dialog", name="Sign in again")
    expect(dialog).to_be_visible(timeout=HEALED_MS)
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in again").click()
    expect(dialog).not_to_be_attached()


def test_open_pages_go_on_with_the_restored_record(
    visit: Visit, server: RunningServer, people: People, tmp_path: Path
) -> None:
    """[BAK-5] [BAK-6] [OFF-11] Everybody signs in again, in place, and reads the record of then. What was written since
    comes back from nobody's page by itself: it is a draft of its author, saved or not."""
    case = people.open_case(server)
    ada, grace = visit(people.lead), visit(people.contributor, size=PHONE)
    ada.open_case(case)
    grace.open_case(case)
    keep_copies(grace)
    ada.write("Summary", "Before the backup.")
    expect(ada.status).to_have_text("Saved")
    server.command("backup", str(tmp_path / "monday"))
    grace.write("Plan", "After the backup. ")
    expect(grace.status).to_have_text("Saved")
    expect(ada.section("Plan")).to_have_text("After the backup.")
    server.kill()
    grace.write("Plan", "Never saved.")
    expect(grace.status).to_contain_text("kept on this device", timeout=HEALED_MS)
    server.data = tmp_path / "restored"
    run_command(server.data, "restore", str(tmp_path / "monday"))
    server.start()
    for visitor in (ada, grace):
        sign_in_again(visitor)
        expect(visitor.section("Plan")).to_have_text("", timeout=HEALED_MS)
        expect(visitor.section("Summary")).to_have_text("Before the backup.")
        expect(visitor.status).to_have_text("Saved")
    draft = grace.page.get_by_role("region", name="Not saved: Plan")
    expect(draft.get_by_role("alert")).to_contain_text("taken back to an earlier time")
    expect(draft.locator("ins")).to_have_text("After the backup. Never saved.")
    expect(ada.page.get_by_role("region", name="Not saved")).not_to_be_attached()
    grace.picture("restored-draft-phone")
    grace.write("Plan", "Written anew.")
    expect(ada.section("Plan")).to_have_text("Written anew.")
    grace.page.reload()
    expect(grace.section("Plan")).to_have_text("Written anew.")
