"""Writes the page's list of coded labels, `src/codes/snomed.json`, from the context groups of DICOM PS3.16.

`python web/snomed.py > web/src/codes/snomed.json`, with the pydicom of uv.lock: it carries the SNOMED CT codes that the
standard names, with the standard's own meanings. Why these may be passed on stands in docs/codes.md.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping

import pydicom
from pydicom.sr._concepts_dict import concepts

# Context groups whose codes say something about a place in a picture, those first that are marked most: findings,
# measurements, anatomy, things left in the body, and groups that hold some of each.
GROUPS = (
    """
    639 3113 3116 3120-3122 3230 3413 3489 3491 3492 3494 3495 3497 3700 3703-3707 3709-3712 3714 3715 3728 3754 3802
    3805 3806 3808 3810 3813 3817 4222 4231 4232 4405 4408 6000-6017 6030-6033 6039 6054-6057 6062 6064 6072 6103-6105
    6108 6118-6123 6128 6132 6201 6209 6336-6347 7158 7159 7168 7169 7194 7199 8135 12248 12249
    """,
    "6165 7470-7472 7550",
    """
    4 3010 3014-3016 3604 3606-3609 3701 3717 3827 3829 3839 3840 4009 4016 4018 4019 4028-4031 4040 4042 4209 4211
    4266 6018 6020 6100 6109-6117 6124-6127 6148 6149 6170 6171 6210 6300-6304 7140 7152-7156 7160 7166 7167 7170 7171
    7191 7192 7197 7600-7604 7701-7710 8104 8134 9514 10044 10060 12020-12023 12103-12115 12125 12130 12131 12140 12141
    12236 12305
    """,
    "3411 3777 6040 6138 6203 6404",
    "6102 6202",
)

# What the standard calls them is not what SNOMED CT means by them: whoever reads the code alone reads something else.
CONTRADICTED = {
    "1386000": "the standard: occlusion of artery; SNOMED CT: intracranial haemorrhage",
    "287272002": "the standard: cardiomegaly; SNOMED CT: enlarged septal foramen of heart",
}

# What SNOMED CT adds to its full names, of which kind it is.
TAG = re.compile(r" \([a-z][a-z /]+\)$")


def numbers(groups: str) -> frozenset[int]:
    """`1-3 7` is 1, 2, 3 and 7."""
    ends = [[int(end) for end in each.split("-")] for each in groups.split()]
    return frozenset(one for each in ends for one in range(each[0], each[-1] + 1))


ORDER = [numbers(groups) for groups in GROUPS]


def entries() -> Iterator[list[str]]:
    """Code, display and further words to find it by, of every code that is offered; by `GROUPS`, then by code."""
    tables: Mapping[str, Mapping[str, Mapping[str, tuple[str, list[int]]]]] = concepts  # type: ignore[assignment]
    named: dict[str, dict[str, set[int]]] = {}
    for meanings in tables["SCT"].values():
        for code, (meaning, groups) in meanings.items():
            named.setdefault(code, {}).setdefault(meaning, set()).update(groups)
    found: dict[str, tuple[int, list[str]]] = {}
    # Of several codes that read alike the one that most context groups use is offered: nobody could choose.
    for code, called in sorted(named.items(), key=lambda each: (-sum(map(len, each[1].values())), int(each[0]))):
        within = set().union(*called.values())
        place = next((place for place, ours in enumerate(ORDER) if within & ours), None)
        if place is None or code in CONTRADICTED:
            continue
        # What most context groups call it; full names stand in none.
        display, *others = sorted(called, key=lambda name: (-len(called[name]), name))
        words = {TAG.sub("", other) for other in others} - {display}
        found.setdefault(display.casefold(), (place, [code, display, *sorted(words)]))
    yield from (entry for _, entry in sorted(found.values(), key=lambda each: (each[0], int(each[1][0]))))


def main() -> None:
    lines = ",\n".join(json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in entries())
    source = json.dumps(f"DICOM PS3.16, by pydicom {pydicom.__version__}")
    text = f'{{"system":"http://snomed.info/sct","source":{source},"codes":[\n{lines}\n]}}\n'
    sys.stdout.buffer.write(text.encode())


if __name__ == "__main__":
    main()
