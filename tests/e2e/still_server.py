"""The demo as a program of its own, at a clock that all but stands still: two runs show the same times.

`python -m tests.e2e.still_server DATA PORT`, and one line `KEY LINK` for each person.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from server import demo
from server.demo import Fictional, FictionalCase
from server.entrance import grant, make_secret
from server.logs import configure
from server.serve import serve
from server.settings import load_settings
from storage.ports import CredentialKind, NewCase, Stores
from storage.stores import open_node
from tests.e2e.asked_case import ask_in_case
from tests.e2e.listed_cases import Known, put
from tests.e2e.past_case import write_past
from tests.e2e.pictured_case import SETTINGS, put_pictures
from workspace.case import CaseState, Role
from workspace.ids import Millis

NOW = Millis(int(datetime(2026, 3, 16, 9, 41, tzinfo=UTC).timestamp() * 1000))
"""Where every clock stands, here and in the browsers."""
THREE_DAYS = 3 * 24 * 3_600_000
SLOWER = 1000
NEWCOMER = Fictional("stan", "Dr Stan Kowalski")
BLANK = FictionalCase("blank", "Fever and rash after travel", {"jonas": Role.LEAD, "amara": Role.CONTRIBUTOR})

DAY = 24 * 3_600_000


def listed(ids: Mapping[str, str]) -> Sequence[Known]:
    """Cases of every kind for the list of Amara; `ids` are people's by their keys."""
    amara, jonas, meihua = (ids[key] for key in ("amara", "jonas", "meihua"))
    return (
        Known(
            "Recurrent syncope in a marathon runner",
            jonas,
            NOW - DAY // 8,
            members={amara: Role.CONTRIBUTOR, meihua: Role.CONSULTANT},
            head={
                "ageBand": "18-29",
                "sex": "male",
                "line": "Three collapses at the finish line, a normal resting ECG and a father who died at 41",
                "nextAction": "Exercise test with the cardiologist present, then decide about the loop recorder",
                "nextOwner": amara,
                "nextDue": "2026-03-12",
            },
            text="# impression\nCatecholaminergic polymorphic ventricular tachycardia until shown otherwise.\n",
            mentioned=(amara, "Dr Amara Okafor"),
        ),
        Known(
            "Painless jaundice with a normal CT",
            amara,
            NOW - DAY,
            members={meihua: Role.CONSULTANT},
            head={
                "ageBand": "60-69",
                "sex": "female",
                "question": "Is it worth an endoscopic ultrasound before the weekend?",
                "nextAction": "Endoscopic ultrasound",
                "nextOwner": meihua,
                "nextDue": "2026-03-17",
            },
        ),
        Known("Iron deficiency without a source", amara, NOW - 6 * DAY, CaseState.CONCLUDED),
        Known("Late speech, and a white forelock", amara, NOW - 2 * DAY, CaseState.DRAFT),
    )


def clock() -> Callable[[], Millis]:
    """Moves on, since two events must not share an instant, but no page sees it."""
    start = time.monotonic_ns()
    return lambda: Millis(NOW + (time.monotonic_ns() - start) // (1_000_000 * SLOWER))


async def prepare(stores: Stores) -> Callable[[str], str]:
    """The demo's people and cases as of three days ago, somebody who has no case yet, a case without a word,
    one with a past, one in which people ask for something, and one with pictures."""
    seeded = Millis(NOW - THREE_DAYS)
    announcement = await demo.seed(stores, now=seeded, entropy=os.urandom)
    await stores.people.add(NEWCOMER.person, None, seeded)
    link = make_secret(os.urandom)
    await grant(
        stores.people, CredentialKind.LINK, link, NEWCOMER.person.id, now=seeded, until=Millis(NOW + THREE_DAYS)
    )
    people = {fictional.key: fictional.person for fictional in demo.PEOPLE}
    lead = people["jonas"].id
    await stores.cases.create(NewCase(BLANK.id, BLANK.title, lead, CaseState.OPEN, seeded, {}))
    for key, role in BLANK.members.items():
        await stores.cases.set_member(BLANK.id, people[key].id, role, seeded)
    await write_past(stores, {key: person.id for key, person in people.items()}, NOW)
    await ask_in_case(stores, {key: person.id for key, person in people.items()}, NOW)
    await put_pictures(stores, {key: person.id for key, person in people.items()}, NOW)
    for case in listed({key: person.id for key, person in people.items()}):
        await put(stores, case)

    def links(address: str) -> str:
        found = re.findall(r"/enter#(\S+)", announcement(address))
        keyed = zip([fictional.key for fictional in demo.PEOPLE], found, strict=True)
        return "\n".join([f"{key} {each}" for key, each in keyed] + [f"{NEWCOMER.key} {link}"])

    return links


if __name__ == "__main__":
    settings = load_settings({"CONSILIUM_DATA": sys.argv[1], "CONSILIUM_PORT": sys.argv[2], **SETTINGS})
    configure(settings)
    serve(settings, open_node, prepare, clock())
