"""How fast a client may speak: a token bucket. The time is an argument."""

from __future__ import annotations

from workspace.messages import ClientMessage, SyncStep1, SyncStep2, Update

QUESTION_PRICE = 5
"""What a SyncStep1 counts as: its answer is cut from the whole document (about 3 ms for 260,000 edits). A socket may
still ask for as many documents as it may have, all at once."""
BYTES_PER_MESSAGE = 32 * 1024
"""An update counts once more for each of these: a large one of the smallest structs takes a second per megabyte to
read."""


def price_of(message: ClientMessage) -> int:
    """As how many messages this one counts."""
    match message:
        case SyncStep1():
            return QUESTION_PRICE
        case Update(update) | SyncStep2(update):
            return 1 + len(update) // BYTES_PER_MESSAGE
        case _:
            return 1


class Pace:
    """Allows `burst` at once and `rate` per second on average."""

    __slots__ = ("_burst", "_rate", "_seen_at", "_tokens")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._seen_at = now

    def allows(self, now: float, price: int = 1) -> bool:
        """Whether something of this price may come at this time (seconds of a steady clock); if so, it is counted.

        What costs more than a whole burst is allowed when nothing was said for long enough.
        """
        price = min(price, int(self._burst))
        self._tokens = min(self._burst, self._tokens + (now - self._seen_at) * self._rate)
        self._seen_at = now
        if self._tokens < price:
            return False
        self._tokens -= price
        return True
