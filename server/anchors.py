"""Tells outside of the database how long the audit log is, so that a tail that is cut off later is missed. [AUD-8]

Once an hour the house's chain is told how far the chains of cases have come, and the server's log how far the house's:
`audit.head` with chain, seq and hash. Whoever keeps that log elsewhere can hold the database to it:
`consilium audit verify --anchors FILE`.
"""

from __future__ import annotations

import structlog

from server.background import Done, Duty
from storage.ports import Audit, Lease
from workspace.audit import HOUSE

ANCHOR_SECONDS = 3600.0
AT_ONCE = 500
"""Chains in one transaction, which holds the house's."""

log = structlog.get_logger("consilium.audit")


class Anchors:
    """A chain that moved since is told of once more."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit
        self.duty = Duty("anchors", ANCHOR_SECONDS, self._look)

    async def _look(self, _: Lease) -> Done:
        told = 0
        while heads := await self._audit.anchor(AT_ONCE):
            told += len(heads)
            if len(heads) < AT_ONCE:
                break
        head = (await self._audit.end(HOUSE)).head
        if head is not None:
            log.info("audit.head", chain=head.chain, seq=head.seq, hash=head.hash.hex())
        return Done(told)
