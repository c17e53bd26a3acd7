"""Private attributes that may stay: PS3.15 Annex E, Table E.3.10-1, where the value is a number or a code.

A private element is known by its creator, its group and the last two digits of its tag (PS3.5 §7.8.1). Of the 130 rows
of the sample list in the standard (read in the edition of 2020), those are taken that say how an image was acquired or
what its numbers mean. Not taken: texts, which people write names into; UIDs; binary blobs, in which anything may be;
the numbers of Siemens' SC2000, which mean nothing without its blobs; and NeuroQuant's, which are findings.
"""

from __future__ import annotations

from collections.abc import Mapping

SAFE = """\
0019,xx0C IS SIEMENS MR HEADER
0019,xx0D CS SIEMENS MR HEADER
0019,xx0E FD SIEMENS MR HEADER
0019,xx23 DS GEMS_ACQU_01
0019,xx24 DS GEMS_ACQU_01
0019,xx27 DS GEMS_ACQU_01
0019,xx27 FD SIEMENS MR HEADER
0025,xx07 SL GEMS_SERS_01
0043,xx39 IS GEMS_PARM_01
0043,xx6F DS GEMS_PARM_01
0045,xx01 SS GEMS_HELIOS_01
0045,xx02 FL GEMS_HELIOS_01
00E1,xx21 DS ELSCINT1
00E1,xx50 DS ELSCINT1
01E1,xx26 CS ELSCINT1
01F1,xx01 CS ELSCINT1
01F1,xx07 DS ELSCINT1
01F1,xx26 DS ELSCINT1
01F1,xx27 DS ELSCINT1
2001,xx03 FL Philips Imaging DD 001
2001,xx04 CS Philips Imaging DD 001
2005,xx0D FL Philips MR Imaging DD 001
2005,xx0E FL Philips MR Imaging DD 001
7053,xx00 DS Philips PET Private Group
7053,xx09 DS Philips PET Private Group
"""


def _read(table: str) -> Mapping[tuple[str, int, int], str]:
    safe: dict[tuple[str, int, int], str] = {}
    for line in table.splitlines():
        tag, vr, creator = line.split(" ", maxsplit=2)
        group, element = tag.split(",")
        safe[creator, int(group, 16), int(element.removeprefix("xx"), 16)] = vr
    return safe


_SAFE = _read(SAFE)


SAFE_CREATORS = frozenset(creator for creator, _, _ in _SAFE)
"""Names of programs, which stay beside what they explain."""


def safe_private_vr(creator: str, tag: int) -> str | None:
    """The value representation of a private element that may stay, or None if it must go [DEI-4]."""
    return _SAFE.get((creator, tag >> 16, tag & 0xFF))
