"""The way of a file, as a machine without a disk."""

from __future__ import annotations

import pytest

from workspace.errors import Conflict
from workspace.media import (
    ENDED,
    NEXT,
    PART_BYTES,
    PASSING,
    UNFINISHED,
    Kind,
    MediaLimits,
    Reason,
    UploadState,
    check_step,
    count_parts,
    is_held,
    may_be_tried_again,
    parts_of,
)


@pytest.mark.parametrize("state", UploadState)
def test_a_step_that_is_not_in_the_table_is_refused(state: UploadState) -> None:
    """[UPL-1] From each state to each."""
    for following in UploadState:
        if following in NEXT[state]:
            check_step(state, following)
        else:
            with pytest.raises(Conflict):
                check_step(state, following)


def test_every_way_leads_to_an_end() -> None:
    """[UPL-1] And from an end nowhere; only through cleaning is anything ever ready."""
    for state in UploadState:
        reached, ahead = set[UploadState](), {state}
        while ahead:
            reached |= ahead
            ahead = {following for each in ahead for following in NEXT[each]} - reached
        assert reached & ENDED, state
    assert all(not NEXT[state] for state in ENDED)
    assert [state for state in UploadState if UploadState.READY in NEXT[state]] == [UploadState.CLEANING]


def test_what_is_needed_stays_in_quarantine_and_nothing_else() -> None:
    """[UPL-9] [UPL-1]"""
    for state in UploadState:
        for reason in (None, *Reason):
            passing = state is UploadState.REJECTED and reason in PASSING
            assert may_be_tried_again(state, reason) is passing
            assert is_held(state, reason) is (passing or state in UNFINISHED)


@pytest.mark.parametrize(
    ("size", "sizes"),
    [
        (1, [1]),
        (PART_BYTES, [PART_BYTES]),
        (PART_BYTES + 1, [PART_BYTES, 1]),
        (3 * PART_BYTES, [PART_BYTES] * 3),
        (0, []),
    ],
)
def test_a_file_is_cut_into_parts(size: int, sizes: list[int]) -> None:
    """[UPL-3] All of one size but the last."""
    assert [part.size for part in parts_of(size)] == sizes
    assert [part.number for part in parts_of(size)] == list(range(1, count_parts(size) + 1))


def test_each_kind_has_its_largest_size() -> None:
    """[UPL-2]"""
    limits = MediaLimits(max_photo_bytes=1, max_dicom_bytes=2, max_video_bytes=3, max_pdf_bytes=4)
    assert [limits.of(kind) for kind in Kind] == [1, 2, 3, 4, 2]
    assert limits.largest == 4
