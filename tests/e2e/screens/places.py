"""Where the screens are: the still server's cases, and what shows that one of them is there."""

from __future__ import annotations

from server.demo import CASES, PEOPLE
from tests.e2e.asked_case import ASKED
from tests.e2e.clinic import LOOKED_AT
from tests.e2e.past_case import PAST
from tests.e2e.pictured_case import PICTURED
from tests.e2e.still_server import BLANK

RECORD = f"/cases/{next(case.id for case in CASES if case.key == 'thunderclap')}"
EMPTY = f"/cases/{BLANK.id}"
WITH_PAST = f"/cases/{PAST.id}"
WITH_PICTURES = f"/cases/{PICTURED.id}"
IMAGES = f"/cases/{LOOKED_AT.id}"
"""The same case as `RECORD`, on the server that has images."""
WITH_PROPOSALS = f"/cases/{ASKED.id}"
WRITTEN = "#summary .ProseMirror"


def person(key: str) -> str:
    """The id of one of the demo's people."""
    return next(each.person.id for each in PEOPLE if each.key == key)


SOMEBODY = f"/admin/people/{person('sam')}"
