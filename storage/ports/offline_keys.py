"""What the keys of offline copies are made from, for as long as the credential that asked for one lives."""

from __future__ import annotations

from typing import Protocol

from workspace.audit import SYSTEM, Cause
from workspace.ids import Millis


class OfflineKeys(Protocol):
    """One salt for each credential. The key itself is never here: it takes the credential's secret too."""

    async def salt(self, credential: bytes, fresh: bytes, at: Millis, cause: Cause = SYSTEM) -> bytes:
        """The salt kept beside the credential of this digest; `fresh` is kept, and answered, when there was none.

        Concurrent first callers are given the same one. It goes in the transaction that ends or sweeps the credential.
        That one is kept is an event in the audit log.
        Raises: NotFound (no such credential, or it has expired).
        """
        ...
