"""The books about files: each number counts what it says, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.faults.files import Kept, Shelf, judge_files
from workspace.media import Reason, UploadState

READY, REJECTED = UploadState.READY, UploadState.REJECTED
FIRST, SECOND = Kept("u1", "d1", READY, None, 1), Kept("u2", "d2", READY, None, 1)
SENDING = Kept("u3", "d3", UploadState.UPLOADING, None, 0)
"""Nobody was told that it is there."""
OBJECTS = ("media/c/m/a", "media/c/m/a/thumbnail", "media/c/m/b")
SOUND = Shelf(
    uploads=[FIRST, SECOND, SENDING],
    held={"u3"},
    named=set(OBJECTS),
    stored=[*OBJECTS, "quarantine/c/u3"],
    shown=2,
    told={"u1": 1, "u2": 1},
    spoiled=0,
)
HANDED_IN = ("d1", "d2")


def test_nothing_is_wrong_with_a_sound_shelf() -> None:
    """[NODE-18]"""
    verdict = judge_files(SOUND, HANDED_IN)
    assert verdict.wrong == {}
    assert (verdict.handed_in, verdict.ready, verdict.refused) == (2, 2, 0)


@pytest.mark.parametrize(
    ("shelf", "wrong"),
    [
        (replace(SOUND, uploads=[FIRST, replace(SECOND, state=UploadState.QUARANTINED, files=0)], shown=1), "missing"),
        (replace(SOUND, uploads=[FIRST, replace(SECOND, files=0)], shown=1), "missing"),
        (replace(SOUND, uploads=[FIRST], shown=1), "missing"),
        (
            replace(
                SOUND, uploads=[FIRST, replace(SECOND, state=REJECTED, reason=Reason.UNREADABLE, files=0)], shown=1
            ),
            "missing",
        ),
        (replace(SOUND, uploads=[FIRST, replace(SECOND, files=2)], shown=3), "twofold"),
        (
            replace(
                SOUND, uploads=[FIRST, SECOND, replace(SECOND, id="u4")], shown=3, told={"u1": 1, "u2": 1, "u4": 1}
            ),
            "twofold",
        ),
        (replace(SOUND, shown=1), "unseen"),
        (replace(SOUND, shown=3), "unseen"),
        (replace(SOUND, stored=[*SOUND.stored, "media/c/m/c"]), "orphans"),
        (replace(SOUND, stored=[*SOUND.stored, "media/c/m/a/preview"]), "orphans"),
        (replace(SOUND, stored=[*SOUND.stored, "quarantine/c/u1"]), "orphans"),
        (replace(SOUND, told={"u1": 1}), "unrecorded"),
        (replace(SOUND, told={"u1": 1, "u2": 2}), "unrecorded"),
        (replace(SOUND, spoiled=1), "spoiled"),
    ],
)
def test_a_shelf_that_is_wrong_is_found_out(shelf: Shelf, wrong: str) -> None:
    """[NODE-18] Not ready, nowhere, refused for good, twice, not shown, left behind, told never or twice."""
    assert judge_files(shelf, HANDED_IN).wrong == {wrong: 1}


def test_what_is_refused_for_a_reason_that_may_pass_is_counted_apart() -> None:
    """[NODE-18]"""
    lost = replace(SECOND, state=REJECTED, reason=Reason.WORKER_LOST, files=0)
    verdict = judge_files(replace(SOUND, uploads=[FIRST, lost], shown=1), HANDED_IN)
    assert (verdict.ready, verdict.refused, verdict.wrong) == (1, 1, {})
