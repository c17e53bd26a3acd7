"""What is decided once for a case: the options of the profile that are in force, and the secret its files share."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import date, timedelta

# A shift is between one and ten years back: long enough to hide a season, never into the future.
_SHORTEST_SHIFT_DAYS, _LONGEST_SHIFT_DAYS = 366, 3653
MIN_SECRET_BYTES = 16


@dataclass(frozen=True, slots=True)
class CasePolicy:
    """How the files of one case are cleaned.

    `secret` is drawn once for a case and kept as long as the case is; whoever has it can find out which new UID stands
    for an old one, and by how many days dates were moved. Files that come later or are cleaned on another node map
    alike because they are given the same secret [DEI-5].
    """

    secret: bytes = field(repr=False)
    keep_dates: bool = True
    keep_patient_characteristics: bool = True

    def __post_init__(self) -> None:
        if len(self.secret) < MIN_SECRET_BYTES:
            raise ValueError(f"a case's secret has at least {MIN_SECRET_BYTES} bytes")

    def derive(self, purpose: str, value: str) -> bytes:
        """32 bytes that nobody finds out without the secret, the same for the same words."""
        return hmac.digest(self.secret, f"{purpose}\0{value}".encode(), hashlib.sha256)

    def new_uid(self, uid: str) -> str:
        """The UID that stands for `uid` in this case: a UUID (version 8) under 2.25, up to 44 letters (PS3.5 §B.2)."""
        digest = bytearray(self.derive("uid/1", uid)[:16])
        digest[6] = digest[6] & 0x0F | 0x80
        digest[8] = digest[8] & 0x3F | 0x80
        return f"2.25.{int.from_bytes(digest, 'big')}"

    @property
    def shift(self) -> timedelta:
        """By how much the dates of this case are moved, always the same [DEI-6]."""
        span = _LONGEST_SHIFT_DAYS - _SHORTEST_SHIFT_DAYS + 1
        days = int.from_bytes(self.derive("days/1", "")[:8], "big") % span
        return timedelta(days=-(_SHORTEST_SHIFT_DAYS + days))

    def shifted_date(self, text: str) -> str | None:
        """`YYYYMMDD` (or `YYYY.MM.DD`, as ACR-NEMA wrote) moved by the case's shift; None if it is no such date."""
        day = read_date(text)
        if day is None:
            return None
        try:
            return (day + self.shift).strftime("%Y%m%d").rjust(8, "0")
        except OverflowError:
            return None

    def shifted_datetime(self, text: str) -> str | None:
        """A DICOM DT with its date moved; None if the day is not in it, since a year alone cannot be moved by days."""
        moved = self.shifted_date(text[:8])
        rest = text[8:].split("+", 1)[0].split("-", 1)[0]
        # The offset from UTC says on which coast somebody lives, and goes.
        return None if moved is None or not (rest.replace(".", "", 1).isdigit() or not rest) else moved + rest


def read_date(text: str) -> date | None:
    """A DICOM DA, in the standard's form or ACR-NEMA's."""
    digits = text.strip(" \0")
    if len(digits) == 10 and digits[4] == digits[7] == ".":
        digits = digits.replace(".", "")
    if len(digits) != 8 or not (digits.isascii() and digits.isdigit()):
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
