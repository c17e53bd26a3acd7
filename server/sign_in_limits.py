"""How often one may try to sign in: so seldom that guessing is hopeless, and so that a lockout is no weapon. [ACC-4]

A try from a device where this person signed in before is counted by itself: nobody else can fill that bucket, so
nobody can keep a person out of their own account at their own desk. All other tries share three buckets: of the
network they come from, of the account as seen from that network, and, slower to fill, of the account from everywhere.
Only failures stay counted. Who is refused at an unknown device still has the reset link.
"""

from __future__ import annotations

from server.access import Clock
from server.throttle import Charges, Rate, Throttle, forgive_everywhere, spend_everywhere
from storage.ports import Rates
from workspace.errors import TooMany

PER_NETWORK = 3
"""A network may try this many times as often as one account from it: a ward shares one."""
FROM_EVERYWHERE = 5
"""An account may be tried this many times as often from all networks together: a botnet gets no further."""


class SignInLimits:
    """The buckets of this node, and the same over all nodes. Here keys of accounts and of networks are kept apart, so
    that a flood of made-up e-mail addresses pushes no network's bucket out of memory."""

    def __init__(self, clock: Clock, per_minute: int, rates: Rates) -> None:
        self._rates = rates
        self._networks = Throttle(clock)
        self._accounts = Throttle(clock)
        self._rate = Rate(per_minute)
        self._per_network = Rate(per_minute * PER_NETWORK)
        self._from_everywhere = Rate(per_minute * FROM_EVERYWHERE)

    async def spend(self, network: str, email: str | None, device: bytes | None) -> None:
        """Count one try: with a password for `email`, or (None) with a secret that nobody guesses; `device` is the
        digest of a device known for this account. Raises: TooMany."""
        self._spend_here(network, email, device)
        try:
            await spend_everywhere(self._rates, self._all_charges(network, email, device))
        except TooMany:
            self._forgive_here(network, email, device)
            raise

    async def forgive(self, network: str, email: str | None, device: bytes | None) -> None:
        """It was a good one."""
        self._forgive_here(network, email, device)
        await forgive_everywhere(self._rates, self._all_charges(network, email, device))

    def _all_charges(self, network: str, email: str | None, device: bytes | None) -> Charges:
        charges = self._charges(network, email, device)
        return charges if device is not None else [(("network", network), self._per_network), *charges]

    def _spend_here(self, network: str, email: str | None, device: bytes | None) -> None:
        charges = self._charges(network, email, device)
        if device is not None:
            self._accounts.spend_all(charges)
            return
        self._networks.spend(network, self._per_network)
        try:
            self._accounts.spend_all(charges)
        except TooMany:
            self._networks.forgive(network, self._per_network)  # a refused try is counted nowhere
            raise

    def _forgive_here(self, network: str, email: str | None, device: bytes | None) -> None:
        if device is None:
            self._networks.forgive(network, self._per_network)
        for key, rate in self._charges(network, email, device):
            self._accounts.forgive(key, rate)

    def _charges(self, network: str, email: str | None, device: bytes | None) -> Charges:
        if device is not None:
            return [(("device", device), self._rate)]
        if email is None:
            return []
        account = email.casefold()
        return [(("from", network, account), self._rate), (("account", account), self._from_everywhere)]
