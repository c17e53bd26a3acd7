"""What is counted of cleaning."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from pydantic import ValidationError

from server.media_meters import Came, Ended, MediaMeters, MediaQueue, read_line
from storage.memory.records import MemoryRecords
from storage.memory.remakes import MemoryRemakes
from storage.memory.uploads import MemoryUploadWork
from storage.ports import Load
from workspace.errors import StorageUnavailable
from workspace.media import Kind, Reason


class OnceThere(MemoryUploadWork):
    """A store that answers once."""

    has_answered = False

    async def load(self) -> Load:
        if self.has_answered:
            raise StorageUnavailable
        self.has_answered = True
        return Load(3, 1, 7.0)


@pytest.mark.parametrize(
    "ended",
    [Ended(Came.READY, 1.5, Kind.DICOM), Ended(Came.REJECTED, 0.1, None, Reason.NO_ROOM), Ended(Came.CHILD_LOST, 2.0)],
)
def test_what_one_process_counts_another_hears(ended: Ended) -> None:
    """[OPS-8]"""
    assert read_line(ended.to_line()) == ended


@pytest.mark.parametrize("line", [b"", b"{}", b"[]\n", b'{"came": "eaten", "seconds": 1}\n', b"\xff\n"])
def test_what_is_no_count_is_refused(line: bytes) -> None:
    """[OPS-8] Nothing that a child says becomes a label."""
    with pytest.raises(ValidationError):
        read_line(line)


def test_it_is_counted_by_words_of_ours() -> None:
    """[OPS-8] Only what came to an end has a length."""
    meters, registry = MediaMeters(), CollectorRegistry()
    for each in meters.collectors:
        registry.register(each)
    meters.count(Ended(Came.READY, 3.0, Kind.VIDEO))
    meters.count(Ended(Came.REJECTED, 0.2, Kind.PHOTO, Reason.UNREADABLE))
    meters.count(Ended(Came.STORAGE_AWAY, 9.0))
    told = generate_latest(registry).decode()
    for line in (
        'consilium_media_ended_total{came="ready",reason=""} 1.0',
        'consilium_media_ended_total{came="rejected",reason="unreadable"} 1.0',
        'consilium_media_ended_total{came="storage-away",reason=""} 1.0',
        'consilium_media_seconds_count{kind="video"} 1.0',
        'consilium_media_seconds_count{kind="photo"} 1.0',
    ):
        assert line in told
    assert "unknown" not in told


async def test_without_a_database_metrics_are_told_all_the_same() -> None:
    """[OPS-8] As they were."""
    queue = MediaQueue(OnceThere(records := MemoryRecords()), MemoryRemakes(records))
    for _ in range(2):
        await queue.refresh()
        assert [sample.value for metric in queue.collect() for sample in metric.samples] == [3, 1, 7.0, 0, 0]
