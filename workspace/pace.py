"""How fast a client may speak: a token bucket. The time is an argument."""

from __future__ import annotations


class Pace:
    """Allows `burst` at once and `rate` per second on average."""

    __slots__ = ("_burst", "_rate", "_seen_at", "_tokens")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._seen_at = now

    def allows(self, now: float) -> bool:
        """Whether one more may come at this time (seconds of a steady clock); if so, it is counted."""
        self._tokens = min(self._burst, self._tokens + (now - self._seen_at) * self._rate)
        self._seen_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
