"""storage.migrations: one row of steps, each with its own number. Two branches that add one each meet here."""

from __future__ import annotations

import re
from pathlib import Path

import storage.migrations

STEP = re.compile(r'^(revision|down_revision)(?:: [^=]+)? = (?:"(\d{4})"|None)$', re.MULTILINE)


def test_migrations_follow_each_other() -> None:
    """[STO-1] A number that is there twice, or a gap, would keep every server from starting."""
    files = sorted((Path(storage.migrations.__file__).parent / "versions").glob("[0-9]*.py"))
    numbers = [file.name[:4] for file in files]
    assert numbers == [f"{number:04}" for number in range(1, len(files) + 1)]
    for file, before in zip(files, ["", *numbers], strict=False):
        assert dict(STEP.findall(file.read_text())) == {"revision": file.name[:4], "down_revision": before}
