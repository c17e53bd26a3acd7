"""Every port in memory, for tests: the same promises, durable for as long as the value lives."""

from __future__ import annotations

from dataclasses import dataclass, field

from storage.memory.accounts import MemoryAccounts, MemoryMails, MemoryProfiles, MemorySignIns, MemoryUsage
from storage.memory.audit import MemoryAudit
from storage.memory.bus import MemoryBus, MemoryExchange
from storage.memory.history import MemoryHistory
from storage.memory.journal import MemoryJournal
from storage.memory.leases import MemoryLeases
from storage.memory.limits import MemoryCounter, MemoryLimits
from storage.memory.lists import MemoryLists, MemoryProjections, MemoryTemplates
from storage.memory.media import MemoryGallery, MemoryManifests
from storage.memory.objects import MemoryBucket, MemoryObjects
from storage.memory.offline_keys import MemoryOfflineKeys
from storage.memory.presenting import MemoryPresenting
from storage.memory.proposals import MemoryProposals
from storage.memory.records import MemoryCases, MemoryNotices, MemoryPeople, MemoryRecords
from storage.memory.remakes import MemoryRemakes
from storage.memory.uploads import MemoryUploads, MemoryUploadWork
from storage.memory.versions import MemoryVersions
from storage.ports import Alone, AloneCounts, Stores

__all__ = [
    "MemoryBucket",
    "MemoryBus",
    "MemoryCounter",
    "MemoryExchange",
    "MemoryHistory",
    "MemoryJournal",
    "MemoryLimits",
    "MemoryObjects",
    "MemoryRecords",
    "MemoryStores",
    "memory_stores",
]


@dataclass(frozen=True, slots=True)
class MemoryStores(Stores):
    """Stores whose journal can be held and made to fail; its `records` stand for the disk."""

    journal: MemoryJournal
    objects: MemoryObjects
    records: MemoryRecords = field(default_factory=MemoryRecords)


def memory_stores(
    records: MemoryRecords | None = None, bus: MemoryBus | None = None, limits: MemoryLimits | None = None
) -> MemoryStores:
    """Stores on `records`: give the same ones to a second node, or to the node that comes after a crash. Nodes that run
    side by side have a `bus` of one exchange, and `limits` of one counter.

    Each call makes a journal of its own, so what waits in one node's queue dies with that node.
    """
    disk = MemoryRecords() if records is None else records
    objects = MemoryObjects(disk.bucket, disk.now)
    counts = AloneCounts() if limits is None else limits
    return MemoryStores(
        journal=MemoryJournal(disk.history, disk.record),
        cases=MemoryCases(disk),
        people=MemoryPeople(disk),
        notices=MemoryNotices(disk),
        offline_keys=MemoryOfflineKeys(disk),
        accounts=MemoryAccounts(disk),
        profiles=MemoryProfiles(disk),
        sign_ins=MemorySignIns(disk),
        mails=MemoryMails(disk),
        usage=MemoryUsage(disk),
        versions=MemoryVersions(disk),
        lists=MemoryLists(disk),
        projections=MemoryProjections(disk),
        templates=MemoryTemplates(disk),
        leases=MemoryLeases(disk),
        presenting=MemoryPresenting(disk),
        proposals=MemoryProposals(disk),
        audit=MemoryAudit(disk),
        uploads=MemoryUploads(disk),
        upload_work=MemoryUploadWork(disk),
        gallery=MemoryGallery(disk),
        manifests=MemoryManifests(disk),
        remakes=MemoryRemakes(disk),
        objects=objects,
        multiparts=objects,
        objects_state=lambda: disk.bucket.state,
        records=disk,
        bus=Alone() if bus is None else bus,
        rates=counts,
        session_counts=counts,
        is_shared=bus is not None,
    )
