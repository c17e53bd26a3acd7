"""What the keys of offline copies are made from, in memory."""

from __future__ import annotations

from storage.events import of_account
from storage.memory.records import MemoryRecords
from workspace.audit import SYSTEM, Action, Cause
from workspace.errors import NotFound
from workspace.ids import Millis


class MemoryOfflineKeys:
    """`storage.ports.OfflineKeys`."""

    def __init__(self, records: MemoryRecords) -> None:
        self._records = records

    async def salt(self, credential: bytes, fresh: bytes, at: Millis, cause: Cause = SYSTEM) -> bytes:
        """See the port."""
        held = self._records.credentials.get(credential)
        if held is None or held.expires_at <= at:
            raise NotFound
        if credential not in self._records.salts:
            self._records.salts[credential] = fresh
            self._records.record(of_account(Action.OFFLINE_KEY_MADE, held.person, cause))
        return self._records.salts[credential]
