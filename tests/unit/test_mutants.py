"""Damaged files end in an answer, never in a dead process."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.unit import films
from tests.unit.marked import MAKERS

COUNTS = {**dict.fromkeys(MAKERS, 200), **dict.fromkeys(films.MAKERS, 15), "heic": 30, "pdf": 200, "dicom": 200}


@pytest.mark.parametrize("form", COUNTS)
def test_damaged_files_end_in_an_answer(form: str) -> None:
    """[CLN-6] [REN-9] Hundreds of each kind, most of them damaged in their headers; some still are what they were."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.unit.mutants", form, str(COUNTS[form]), "1"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, f"{ran.stdout[-500:]}{ran.stderr[-500:]}"
    assert form == "dicom" or "unreadable" in ran.stdout
    assert form not in {*MAKERS, "pdf"} - {"heic"} or "cleaned" in ran.stdout
