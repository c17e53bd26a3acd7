"""What the keys of offline copies are made from, in memory."""

from __future__ import annotations

from storage.memory.records import MemoryRecords
from workspace.errors import NotFound
from workspace.ids import Millis


class MemoryOfflineKeys:
    """`storage.ports.OfflineKeys`."""

    def __init__(self, records: MemoryRecords) -> None:
        self._records = records

    async def salt(self, credential: bytes, fresh: bytes, at: Millis) -> bytes:
        """See the port."""
        held = self._records.credentials.get(credential)
        if held is None or held.expires_at <= at:
            raise NotFound
        return self._records.salts.setdefault(credential, fresh)
