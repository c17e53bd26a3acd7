"""Two real servers and a real worker on one PostgreSQL, with a real mail server: what the cluster does once, whoever is
killed."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from server.post import AT_ONCE
from server.premises import wall_clock
from storage.ports import MailKind
from storage.stores import open_stores
from tests.integration.mail_server import LetterBox, mail_server
from tests.integration.test_bus_nodes import samples
from tests.postgres import Postgres
from tests.servers import RunningServer, start_server, wait_until
from workspace.case import Person, Standing
from workspace.ids import ID_BYTES, PersonId, make_id

MAILS = 60
HELD_AFTER = 25
IN_HAND = 2 * AT_ONCE - HELD_AFTER
"""Of those that are sent at once, the second time, the rest."""
PATIENCE = 60.0
DUTIES = ("mail", "records", "sweeping", "anchors")


@dataclass
class Hesitant(LetterBox):
    """Takes some mails at once, and then keeps whoever sends waiting for the answer until the gate is opened."""

    held: list[str] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if len(self.mails) >= HELD_AFTER and not self.gate.is_set():
            self.held.append(envelope.rcpt_tos[0])
            await asyncio.to_thread(self.gate.wait)
        return await super().handle_DATA(server, session, envelope)


def holders(processes: Sequence[RunningServer], duty: str) -> list[RunningServer]:
    """Which of those that live say that they do this work."""
    return [
        each
        for each in processes
        if each.is_alive and samples(each).get(("consilium_duty_held", frozenset({("duty", duty)}))) == 1
    ]


def ask_for_mails(url: str, count: int, kind: MailKind = MailKind.RESET) -> list[str]:
    """Mails that wait, for people who are there."""
    addresses = [f"person-{number}@example.org" for number in range(count)]

    async def ask() -> None:
        async with open_stores(url) as stores:
            for email in addresses:
                now = wall_clock()
                if await stores.people.find_by_email(email) is None:
                    person = Person(PersonId(make_id(os.urandom(ID_BYTES))), email, "Somebody", Standing.CLINICIAN)
                    await stores.people.add(person, None, now)  # without a password, which takes long to hash
                await stores.mails.ask(kind, email, now)

    with ThreadPoolExecutor(max_workers=1) as apart:
        apart.submit(lambda: asyncio.run(ask())).result()
    return addresses


@pytest.fixture
def url(postgres: Postgres) -> Iterator[str]:
    url = postgres.fresh()
    yield url
    postgres.clean(url)


def settings_of(url: str, port: int) -> dict[str, str]:
    return {
        "CONSILIUM_DATABASE_URL": url,
        "CONSILIUM_SMTP_HOST": "127.0.0.1",
        "CONSILIUM_SMTP_PORT": str(port),
        "CONSILIUM_SMTP_TLS": "none",
        "CONSILIUM_SMTP_SECONDS": "5",
        "CONSILIUM_MAIL_FROM": "consilium@hospital.example",
        "CONSILIUM_PUBLIC_URL": "https://consilium.example",
    }


@pytest.mark.timeout(300)  # three processes start, and a lease ends
@pytest.mark.parametrize("fault", ["killed", "frozen"])
def test_each_mail_goes_out_once_also_when_who_sends_is_taken_away(
    postgres: Postgres, url: str, tmp_path: Path, fault: str
) -> None:
    """[NODE-7] [NODE-6] [ACC-14] Two servers and a worker; whoever sends is killed, or frozen for longer than its
    lease, with mails in the mail server's hands. Another goes on. Nobody is left out, and only those that were in its
    hands at that moment may come twice: as the same mail, by its Message-ID. Who wakes up sends nothing more. Then the
    next one is told to stop, and another goes on at once."""
    box = Hesitant()
    addresses = ask_for_mails(url, MAILS)
    with mail_server(box) as port, ExitStack() as running:
        running.callback(box.gate.set)  # or the threads that wait at it would outlive a failure
        settings = settings_of(url, port)
        processes = [
            running.enter_context(start_server(tmp_path / name, settings, does=does))
            for name, does in (("one", "serve"), ("two", "serve"), ("three", "worker"))
        ]
        wait_until(lambda: bool(box.held), seconds=PATIENCE, what="mails in the hands of the mail server")
        [holder] = holders(processes, "mail")

        def is_at_rest() -> bool:
            """Whoever sends can do no more: it noted what was taken, and waits for the answers to all the others."""
            noted = postgres.execute("SELECT count(*) FROM mails", url=url) == str(MAILS - HELD_AFTER)
            return noted and len(set(box.held)) >= IN_HAND

        wait_until(is_at_rest, seconds=PATIENCE, what="all that is sent at once to be in those hands")
        holder.process.send_signal(signal.SIGKILL if fault == "killed" else signal.SIGSTOP)
        running.callback(holder.process.send_signal, signal.SIGCONT)  # or it could not be stopped
        others = [each for each in processes if each is not holder]
        doubtful = set(box.held)
        box.gate.set()
        wait_until(
            lambda: {mail["To"].addresses[0].addr_spec for mail in box.mails} == set(addresses),
            seconds=PATIENCE,
            what="everybody's mail",
        )
        wait_until(lambda: len(holders(others, "mail")) == 1, seconds=PATIENCE, what="one to send again")
        [second] = holders(others, "mail")
        wait_until(
            lambda: samples(second)["consilium_duty_oldest_seconds", frozenset({("duty", "mail")})] == 0,
            seconds=PATIENCE,
            what="nothing to wait any more",
        )
        if fault == "frozen":
            holder.process.send_signal(signal.SIGCONT)
            wait_until(
                lambda: holders([holder], "mail") == [], seconds=PATIENCE, what="it to see that it lost the work"
            )
        came = Counter(mail["To"].addresses[0].addr_spec for mail in box.mails)
        assert {email for email, count in came.items() if count > 1} <= doubtful
        assert max(came.values()) <= 2
        assert len({mail["Message-ID"] for mail in box.mails}) == MAILS

        assert second.terminate() == 0
        box.mails.clear()
        ask_for_mails(url, 3, MailKind.CHANGED)
        wait_until(lambda: len(box.mails) == 3, seconds=8, what="another process to send, without waiting for a lease")


def test_a_worker_is_watched_and_takes_the_work_off_servers(url: str, tmp_path: Path) -> None:
    """[OPS-6] [CLI-1] It answers probes and tells what it does; a server that is told to leaves all work to it; SIGTERM
    ends it with 0, and it says meanwhile that it wants no more."""
    with mail_server(LetterBox()) as port, ExitStack() as running:
        settings = settings_of(url, port)
        idle = {"CONSILIUM_BACKGROUND_WORK": "no"}
        node = running.enter_context(start_server(tmp_path / "node", settings | idle))
        worker = running.enter_context(start_server(tmp_path / "worker", settings, does="worker"))
        for duty in DUTIES:
            wait_until(
                lambda each=duty: holders([node, worker], each) == [worker],  # type: ignore[misc]
                seconds=PATIENCE,
                what=f"the worker to do {duty}",
            )
        assert (worker.get("/livez").status, worker.get("/readyz").status) == (200, 200)
        assert worker.get("/api/me").status == 404
        assert "its health is at http://127.0.0.1" in worker.log()
        assert worker.terminate() == 0
        assert holders([node], "mail") == []
        node.stop()


def test_a_worker_works_beside_a_server_on_a_file(tmp_path: Path) -> None:
    """[NODE-7] [STO-4] On a laptop too: who came first works, and the other takes over."""
    data = tmp_path / "data"
    with start_server(data) as node, start_server(data, does="worker") as worker:
        wait_until(lambda: holders([node, worker], "records") == [node], seconds=PATIENCE, what="the server to work")
        assert node.terminate() == 0
        wait_until(lambda: holders([worker], "records") == [worker], seconds=8, what="the worker to go on")


def test_a_killed_server_has_its_work_back_at_once(tmp_path: Path) -> None:
    """[NODE-7] A single node is complete by itself: after kill -9 it waits for no lease of its own."""
    with start_server(tmp_path / "data") as node:
        wait_until(lambda: holders([node], "records") == [node], seconds=PATIENCE, what="it to work")
        node.kill()
        node.start()
        wait_until(lambda: holders([node], "records") == [node], seconds=4, what="it to work again")
