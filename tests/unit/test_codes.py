"""The page's list of coded labels is what `web/snomed.py` makes of the standard's context groups."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

WEB = Path(__file__).resolve().parents[2] / "web"
LIST = WEB / "src" / "codes" / "snomed.json"


def test_the_list_is_what_our_script_makes_of_pydicoms_tables() -> None:
    """[CODE-1] byte for byte; after another pydicom it is made anew."""
    made = subprocess.run([sys.executable, WEB / "snomed.py"], capture_output=True, check=True)
    assert made.stdout == LIST.read_bytes(), "python web/snomed.py > web/src/codes/snomed.json"


def test_codes_that_the_standard_and_snomed_ct_mean_differently_are_not_offered() -> None:
    """[CODE-1] whoever reads the number elsewhere would read another finding."""
    codes = {entry[0]: entry[1] for entry in json.loads(LIST.read_text("utf-8"))["codes"]}
    assert not {"1386000", "287272002"} & set(codes)
    assert codes["36118008"] == "Pneumothorax"
