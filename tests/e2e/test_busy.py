"""A server that lets nobody new in for the moment: what people read, in their language, and that it mends itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from websockets.sync.client import connect

from tests.e2e.conftest import Visitor
from tests.servers import PASSWORD, People, RunningServer, start_server, wait_until

Visit = Callable[..., Visitor]


@pytest.fixture
def people(people_apart: People) -> People:
    """With their server."""
    return people_apart


@pytest.fixture
def server(tmp_path: Path, people: People) -> Iterator[RunningServer]:
    """With room for one."""
    del people  # made first, in the same folder
    with start_server(tmp_path / "data", {"CONSILIUM_MAX_SESSIONS_PER_NODE": "1"}) as running:
        yield running


def test_who_comes_to_a_busy_server_reads_so_and_is_let_in_when_there_is_room(
    visit: Visit, server: RunningServer, people: People
) -> None:
    """[OPS-7] [LANG-4] On the case's page, which tries by itself, and on the sign-in page, in both languages."""
    case = people.open_case(server)
    ada = visit(people.lead)
    english = visit(people.contributor, signs_in=False)
    spanish = visit(people.contributor, locale="es-ES", signs_in=False)
    for late in (english, spanish):
        expect(late.page.locator("[name=email]")).to_be_visible()
    headers = {"Authorization": f"Bearer {people.observer.token}"}
    with connect(f"{server.sockets}/yjs/{case}/record", additional_headers=headers, proxy=None):
        wait_until(lambda: server.get("/readyz").status == 503, seconds=30, what="the server to be full")
        ada.go(f"/cases/{case}")
        expect(ada.status).to_have_text("The server is busy: no changes waiting", timeout=30_000)

        english.page.get_by_label("E-mail").fill(people.contributor.email)
        english.page.get_by_label("Password").fill(PASSWORD)
        english.page.get_by_role("button", name="Sign in").click()
        expect(english.page.get_by_role("alert")).to_have_text(re.compile("^The server is very busy just now"))

        spanish.page.get_by_label("Correo electrónico").fill(people.contributor.email)
        spanish.page.get_by_label("Contraseña").fill(PASSWORD)
        spanish.page.get_by_role("button", name="Iniciar sesión").click()
        expect(spanish.page.get_by_role("alert")).to_have_text(re.compile("^El servidor está muy ocupado"))
    expect(ada.status).to_have_text("Saved", timeout=45_000)
