"""Passwords: how well one resists guessing (zxcvbn), and how it is kept.

Kept as argon2id (RFC 9106, the second recommended option: 64 MiB, 3 passes, 4 lanes). [AUT-1]
"""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from argon2 import Parameters, PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY
from zxcvbn import zxcvbn

from workspace.errors import InvalidRequest, TooMany

SHORTEST = 8
LONGEST = 1024
HASHES_AT_ONCE = 2
"""64 MiB and about 50 ms of a core each: more at once would let sign-ins starve the rooms."""


MOST_WAITING = 64
"""Checks that may wait their turn, about two seconds of them: a flood of sign-ins is told to come back later."""


GOOD_ENOUGH = 3
"""Of 4: more than 10⁸ guesses. zxcvbn's authors call it "safely unguessable" where tries are limited or hashes slow."""
LONGEST_READ = 72
"""Characters that zxcvbn is asked about: its time grows faster than the length."""
MOST_HINTS = 20


class Weakness(StrEnum):
    """Why a password is easy to guess, in the page's own words."""

    SHORT = "short"
    COMMON = "common"
    OWN = "own"
    KEYBOARD = "keyboard"
    REPEAT = "repeat"
    SEQUENCE = "sequence"
    DATE = "date"
    WORD = "word"
    SIMPLE = "simple"


PATTERNS = {
    "spatial": Weakness.KEYBOARD,
    "repeat": Weakness.REPEAT,
    "sequence": Weakness.SEQUENCE,
    "regex": Weakness.DATE,
    "date": Weakness.DATE,
}
LISTS = {"user_inputs": Weakness.OWN, "passwords": Weakness.COMMON}


@dataclass(frozen=True, slots=True)
class Strength:
    """From 0 (guessed at once) to 4, and what makes it weak; None where nothing does."""

    score: int
    weakness: Weakness | None

    @property
    def is_enough(self) -> bool:
        """Whether an account may have this password."""
        return self.score >= GOOD_ENOUGH


def rate(password: str, hints: Sequence[str] = ()) -> Strength:
    """How hard a password is to guess for somebody who knows the `hints`: the person's own name and address. [ACC-9]"""
    if len(password) < SHORTEST:
        return Strength(0, Weakness.SHORT)
    words = [word for hint in hints for word in (hint, *re.split(r"[\W_]+", hint)) if len(word) > 2]
    found = zxcvbn(normalise(password)[:LONGEST_READ], user_inputs=[word[:50] for word in words[:MOST_HINTS]])
    score = int(found["score"])
    if score >= GOOD_ENOUGH:
        return Strength(score, None)
    longest = max(found["sequence"], key=lambda match: len(match["token"]))
    if longest["pattern"] == "dictionary":
        return Strength(score, LISTS.get(longest["dictionary_name"], Weakness.WORD))
    return Strength(score, PATTERNS.get(longest["pattern"], Weakness.SIMPLE))


def normalise(password: str) -> str:
    """One spelling for what keyboards spell in several ways (NIST SP 800-63B §5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


class Passwords:
    """Hashes and checks passwords, off the event loop."""

    def __init__(self, parameters: Parameters = RFC_9106_LOW_MEMORY) -> None:
        """Less is for tests whose subject is something else."""
        self._hasher = PasswordHasher.from_parameters(parameters)
        self._gate = asyncio.Semaphore(HASHES_AT_ONCE)
        self._rating = asyncio.Semaphore(HASHES_AT_ONCE)
        self._decoy: str | None = None
        self._waiting = 0

    async def rate(self, password: str, hints: Sequence[str]) -> Strength:
        """See `rate`, in a thread."""
        async with self._rating:
            return await asyncio.to_thread(rate, password, hints)

    async def choose(self, password: str, hints: Sequence[str]) -> str:
        """The hash of a password that a person chose. Raises: InvalidRequest for one that is easy to guess."""
        strength = await self.rate(password, hints)
        if not strength.is_enough:
            raise InvalidRequest(f"password: too easy to guess ({strength.weakness})")
        return await self.hash(password)

    async def hash(self, password: str) -> str:
        """Raises: InvalidRequest for a password that is too short or too long."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise InvalidRequest(f"password: {SHORTEST} to {LONGEST} characters")
        async with self._gate:
            return await asyncio.to_thread(self._hasher.hash, normalise(password))

    async def verify(self, password: str, password_hash: str | None) -> bool:
        """Whether the password is the one that was hashed. Takes as long when there is no hash: an answer's time must
        not say whether an account exists. Raises: TooMany."""
        if self._waiting >= MOST_WAITING:
            raise TooMany(retry_after_seconds=2)
        self._waiting += 1
        try:
            async with self._gate:
                if self._decoy is None:
                    self._decoy = await asyncio.to_thread(self._hasher.hash, "decoy")
                good = await asyncio.to_thread(self._verify, password[:LONGEST], password_hash or self._decoy)
        finally:
            self._waiting -= 1
        return good and password_hash is not None

    def _verify(self, password: str, password_hash: str) -> bool:
        try:
            return self._hasher.verify(password_hash, normalise(password))
        except (VerificationError, InvalidHashError):
            return False
