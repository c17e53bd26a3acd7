"""Passwords, kept as argon2id (RFC 9106, the second recommended option: 64 MiB, 3 passes, 4 lanes). [AUT-1]"""

from __future__ import annotations

import asyncio
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from workspace.errors import InvalidRequest

SHORTEST = 8
LONGEST = 1024
HASHES_AT_ONCE = 2
"""64 MiB and about 50 ms of a core each: more at once would let sign-ins starve the rooms."""


def normalise(password: str) -> str:
    """One spelling for what keyboards spell in several ways (NIST SP 800-63B §5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


class Passwords:
    """Hashes and checks passwords, off the event loop."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        self._gate = asyncio.Semaphore(HASHES_AT_ONCE)
        self._decoy: str | None = None

    async def hash(self, password: str) -> str:
        """Raises: InvalidRequest for a password that is too short or too long."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise InvalidRequest(f"password: {SHORTEST} to {LONGEST} characters")
        async with self._gate:
            return await asyncio.to_thread(self._hasher.hash, normalise(password))

    async def verify(self, password: str, password_hash: str | None) -> bool:
        """Whether the password is the one that was hashed. Takes as long when there is no hash: an answer's time must
        not say whether an account exists."""
        async with self._gate:
            if self._decoy is None:
                self._decoy = await asyncio.to_thread(self._hasher.hash, "decoy")
            good = await asyncio.to_thread(self._verify, password[:LONGEST], password_hash or self._decoy)
        return good and password_hash is not None

    def _verify(self, password: str, password_hash: str) -> bool:
        try:
            return self._hasher.verify(password_hash, normalise(password))
        except (VerificationError, InvalidHashError):
            return False
