"""Every attribute that the standard lists, filled with a marker, in every kind of object that is taken."""

from __future__ import annotations

import warnings
from collections import Counter
from pathlib import Path

import pydicom
import pytest

from server.cleaning.dicom import clean_dicom
from tests.cleaning.markers import CLASSES, INNER, OUTER, Marking, listed, marked_object, save
from workspace.deidentification.attributes import TABLE
from workspace.deidentification.outcome import Cleaned, NeedsReview
from workspace.deidentification.policy import CasePolicy
from workspace.deidentification.rules import read_table, rules_of

SECRET = b"a secret of sixteen bytes or more"
STRICT = CasePolicy(SECRET, keep_dates=False, keep_patient_characteristics=False)
USUAL = CasePolicy(SECRET)


def cleaned(path: Path, policy: CasePolicy) -> bytes:
    """The cleaned file's bytes; the object is one that is taken."""
    target = path.with_suffix(".cleaned")
    outcome = clean_dicom(path, target, policy)
    assert isinstance(outcome, (Cleaned, NeedsReview)), outcome
    return target.read_bytes()


@pytest.mark.parametrize("kind", CLASSES)
def test_no_marker_survives(kind: str, tmp_path: Path) -> None:
    """[DEI-2] Neither at the top, nor two levels deep in sequences that stay, nor in private ones."""
    marking = save(tmp_path / "original", kind)
    assert marking.survivors((tmp_path / "original").read_bytes()) == [each for each in marking.markers if each.needle]
    assert marking.survivors(cleaned(tmp_path / "original", STRICT)) == []


@pytest.mark.parametrize("kind", ["CT", "US multi-frame", "ECG"])
def test_with_options_only_what_they_retain_survives(kind: str, tmp_path: Path) -> None:
    """[DEI-2] [DEI-6] Times of day, and how a patient is; no date, no name, no number, no place."""
    marking = save(tmp_path / "original", kind)
    rules = read_table(TABLE)
    for survivor in marking.survivors(cleaned(tmp_path / "original", USUAL)):
        options = rules[f"{survivor.tag:08X}"].options
        assert (survivor.vr == "TM" and "dates=C" in options) or "patient=K" in options, survivor


def test_the_markers_are_what_they_should_be() -> None:
    """[DEI-2] Otherwise nothing would be proven: as many places as the table has rows, and each is written."""
    marking = Marking()
    _, data = marked_object("CT", marking)
    marked = {marker.tag for marker in marking.markers if marker.place == "top"}
    sequences = {int(marker.place[-8:], 16) for marker in marking.markers if marker.place.startswith("top/")}
    assert len(read_table(TABLE)) == 655
    assert marked | sequences | {0x00020003} == {tag for tag, _ in listed()}
    places = Counter(marker.place.split("/")[0] for marker in marking.markers)
    assert min(places[each] for each in ("top", "nested", "private sequence")) > 700
    assert len([marker for marker in marking.markers if marker.needle]) > 2200
    assert len(marking.survivors(data)) == len([marker for marker in marking.markers if marker.needle])


def test_what_stays_is_there(tmp_path: Path) -> None:
    """[DEI-1] The sequences in which the markers were are still there: they were cleaned, not dropped."""
    save(tmp_path / "original", "CT")
    target = tmp_path / "out"
    clean_dicom(tmp_path / "original", target, STRICT)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = pydicom.dcmread(target)
        outer = dataset[OUTER].value[0]
        assert outer[0x00080104].value == "Thorax"
        inner = outer[INNER].value[0]
        assert [inner.StudyDate, inner.PatientName] == ["", ""]
        assert dataset.pixel_array.shape == (16, 24)


@pytest.mark.parametrize("row", ["0008,0080", "0008,1030", "0010,2154", "0018,1000", "0008,1010"])
def test_a_row_left_out_is_noticed(row: str, tmp_path: Path) -> None:
    """[DEI-2] With one row less in the table its markers survive, so this proof would fail."""
    less = "\n".join(line for line in TABLE.splitlines() if not line.startswith(row))
    assert len(less.splitlines()) == len(TABLE.splitlines()) - 1
    marking = save(tmp_path / "original", "CT")
    clean_dicom(tmp_path / "original", tmp_path / "out", STRICT, rules=rules_of(less))
    left = marking.survivors((tmp_path / "out").read_bytes())
    assert {f"{marker.tag >> 16:04X},{marker.tag & 0xFFFF:04X}" for marker in left} == {row}
    assert {marker.place.split("/")[0] for marker in left} == {"top", "nested"}


def test_a_name_goes_even_if_the_table_forgets_it(tmp_path: Path) -> None:
    """[DEI-1] Attributes that hold names and sentences do not stay only because no row names them."""
    less = "\n".join(
        line for line in TABLE.splitlines() if not line.startswith(("0008,1070", "0010,0010", "0040,A123"))
    )
    marking = save(tmp_path / "original", "CT")
    clean_dicom(tmp_path / "original", tmp_path / "out", STRICT, rules=rules_of(less))
    assert marking.survivors((tmp_path / "out").read_bytes()) == []
