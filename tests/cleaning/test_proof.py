"""The second pass: what it finds, and what it does not cry wolf about."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.cleaning.dicom import clean_dicom
from server.cleaning.proof import prove
from server.cleaning.searching import Patterns, search
from tests.cleaning.markers import written
from tests.cleaning.objects import STRICT, USUAL, clean, image
from workspace.deidentification.outcome import Cleaned, Reason, Rejected
from workspace.deidentification.rules import STANDARD, Rules


@pytest.mark.parametrize(
    "leftover",
    [
        "Quillfeather^Ada",
        "QUILLFEATHER",
        "Ada Quillfeather",
        "quillfeather, ada",
        "QF-4711-X",
        "1.2.826.0.1.3680043.9.2",
        "19310403",
        "03.04.1931",
        "1931-04-03",
        "3 Apr 1931".rjust(11, "0"),
        "Thorax of Mrs Quillfeather",
    ],
)
@pytest.mark.parametrize("encoding", ["latin-1", "utf-16-le", "utf-16-be"])
def test_a_planted_leftover_is_found(leftover: str, encoding: str, tmp_path: Path) -> None:
    """[DEI-11] In the ways in which people and devices write it, wherever it is before the pixels."""
    outcome, target = clean(tmp_path, image())
    assert isinstance(outcome, Cleaned)
    assert outcome.certificate.proof.found == 0
    data = target.read_bytes()
    at = data.index(b"Maker of Scanners")
    planted = b" " + leftover.encode(encoding) + b" "
    target.write_bytes(data[: at - 2] + (len(planted)).to_bytes(2, "little") + planted + data[at + 18 :])
    assert prove(tmp_path / "original.dcm", target, STANDARD, USUAL).found > 0


def test_a_leftover_in_the_pixels_is_found(tmp_path: Path) -> None:
    """[DEI-11] Bytes that are no picture."""
    _, target = clean(tmp_path, image())
    data = target.read_bytes()
    target.write_bytes(data[:-40] + b"QUILLFEATHER" + data[-28:])
    assert prove(tmp_path / "original.dcm", target, STANDARD, USUAL).found == 1


def test_an_object_with_a_leftover_is_not_released(tmp_path: Path) -> None:
    """[DEI-11] An engine whose table forgets what the second pass' table knows; nothing is written."""
    source = image()
    source.PixelData = bytes(20) + b"PatientQuillfeather" + source.PixelData[39:]
    outcome, target = clean(tmp_path, source)
    assert isinstance(outcome, Rejected)
    assert outcome.reason is Reason.LEFT_OVER
    assert not target.exists()


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("Mari^Ora", "1"),
        ("Head^Long", "CT"),
        ("Lee^Ng", "000000"),
        ("Wu", "12"),
        ("Original^Axial", "ISO_IR 100"),
        ("Anonymous", "Unknown"),
        ("", "2.25"),
    ],
)
def test_a_name_like_any_word_raises_no_false_alarm(name: str, identifier: str, tmp_path: Path) -> None:
    """[DEI-11] Names that stand in codes by chance, and numbers that stand everywhere."""
    source = image()
    source.PatientName, source.PatientID = name, identifier
    source.ImageType, source.PatientPosition = ["ORIGINAL", "PRIMARY", "AXIAL"], "HFS"
    source.StudyDescription = "HEAD"
    for policy in (USUAL, STRICT):
        outcome, _ = clean(tmp_path, source, policy)
        assert isinstance(outcome, Cleaned), outcome
        assert outcome.certificate.proof.originals > 5


def test_a_date_that_is_another_one_moved_is_no_leftover(tmp_path: Path) -> None:
    """[DEI-11] Two examinations a case's shift apart: the later one's new date is the earlier one's old one."""
    source = image()
    source.StudyDate = "20240229"
    source.SeriesDate = USUAL.shifted_date("20240229")
    outcome, _ = clean(tmp_path, source)
    assert isinstance(outcome, Cleaned)


def test_search_finds_what_lies_across_its_pieces(tmp_path: Path) -> None:
    """[DEI-11] Once each, with its neighbours."""
    path = tmp_path / "file"
    piece = 4 << 20
    needle = b"Quillfeather"
    data = bytearray(2 * piece + 100)
    places = (0, piece - 5, piece + 20, 2 * piece - len(needle), len(data) - len(needle))
    for place in places:
        data[place : place + len(needle)] = needle
    path.write_bytes(data)
    found = list(search(path, 0, len(data), Patterns([needle, b"nothing here"])))
    assert [each[0] for each in found] == [needle] * len(places)
    assert {each[1:] for each in found} == {(b"", b"\0"), (b"\0", b"\0"), (b"\0", b"")}


def test_the_second_pass_has_a_table_of_its_own_to_go_by(tmp_path: Path) -> None:
    """[DEI-11] By an empty table nothing but names, dates and UIDs had to go; the standard's knows more."""
    clean_dicom_with(tmp_path, Rules({}, ()))
    few = prove(tmp_path / "original.dcm", tmp_path / "cleaned.dcm", Rules({}, ()), USUAL)
    many = prove(tmp_path / "original.dcm", tmp_path / "cleaned.dcm", STANDARD, USUAL)
    assert few.found == 0
    assert many.found > 0


def clean_dicom_with(folder: Path, rules: Rules) -> None:
    source = image()
    source.PatientName = ""
    (folder / "original.dcm").write_bytes(written(source))
    outcome = clean_dicom(folder / "original.dcm", folder / "cleaned.dcm", USUAL, rules=rules)
    assert isinstance(outcome, Cleaned)
