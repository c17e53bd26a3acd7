"""What is said about a cleaning, in the object and beside it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from server.cleaning.marks import MEANINGS
from tests.cleaning.objects import STRICT, US, USUAL, clean, image, taken
from workspace.deidentification.outcome import NeedsReview, Rectangle, certificate_from_json
from workspace.deidentification.policy import CasePolicy


def test_the_object_says_how_it_was_cleaned(tmp_path: Path) -> None:
    """[DEI-12] In place of what an earlier cleaning said."""
    source = image()
    source.PatientIdentityRemoved, source.DeidentificationMethod = "NO", "by hand, of Quillfeather"
    _, cleaned = taken(tmp_path, source)
    assert cleaned.PatientIdentityRemoved == "YES"
    assert list(cleaned.DeidentificationMethod) == ["consilium-dicom/1", "PS3.15 2026c"]
    codes = [
        (code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning)
        for code in cleaned.DeidentificationMethodCodeSequence
    ]
    assert codes == [
        ("113100", "DCM", "Basic Application Confidentiality Profile"),
        ("113107", "DCM", "Retain Longitudinal Temporal Information Modified Dates Option"),
        ("113108", "DCM", "Retain Patient Characteristics Option"),
        ("113111", "DCM", "Retain Safe Private Option"),
    ]
    _, strictly = taken(tmp_path, source, STRICT)
    assert [code.CodeValue for code in strictly.DeidentificationMethodCodeSequence] == ["113100", "113111"]


def test_the_certificate_says_what_was_done_and_nothing_of_the_original(tmp_path: Path) -> None:
    """[DEI-12] Counts and digests, the same text for the same file; neither names nor old UIDs."""
    certificate, _ = taken(tmp_path, image())
    again, _ = taken(tmp_path, image())
    text = certificate.to_json()
    assert text == again.to_json()
    for value in ("Quillfeather", "QF-4711", "20240229", "1931", "1.2.826", "Maker"):
        assert value not in text
    read = json.loads(text)
    assert read["sha256_before"] == hashlib.sha256((tmp_path / "original.dcm").read_bytes()).hexdigest()
    assert read["sha256_after"] == hashlib.sha256((tmp_path / "cleaned.dcm").read_bytes()).hexdigest()
    assert read["actions"] == {
        "age-capped": 1,
        "date-shifted": 2,
        "emptied": 3,
        "kept": 12,
        "removed": 1,
        "replaced": 1,
        "uid-replaced": 5,
    }
    assert read["proof"]["found"] == 0
    assert read["proof"]["originals"] > 8


def test_a_certificate_can_be_read_again(tmp_path: Path) -> None:
    """[DEI-12] As it was, rectangles included; what is none is refused."""
    outcome, _ = clean(tmp_path, image(US, "US"))
    assert isinstance(outcome, NeedsReview)
    certificate = outcome.certificate
    assert certificate_from_json(certificate.to_json()) == certificate
    marked = replace(certificate, blanked=(Rectangle(1, 2, 3, 4), Rectangle(1, 2, 3, 4, frames=(0, 5))))
    assert certificate_from_json(marked.to_json()) == marked
    for text in ("{}", "[]", '{"options":[]}', certificate.to_json().replace('"engine"', '"motor"')):
        with pytest.raises(ValueError, match="not a certificate"):
            certificate_from_json(text)


def test_a_secret_is_long_and_is_not_shown() -> None:
    """[DEI-5] Not in a log by way of `repr`."""
    assert b"secret" in USUAL.secret
    assert "secret" not in repr(USUAL)
    with pytest.raises(ValueError, match="at least 16 bytes"):
        CasePolicy(b"short")


def test_the_codes_are_those_of_the_standard(tmp_path: Path) -> None:
    """[DEI-12] CID 7050, as pydicom has it."""
    _, cleaned = taken(tmp_path, image())
    known = {getattr(codes.cid7050, name) for name in codes.cid7050.dir()}
    for each in cleaned.DeidentificationMethodCodeSequence:
        assert Code(each.CodeValue, each.CodingSchemeDesignator, each.CodeMeaning) in known
    assert {(code.value, code.meaning) for code in known} >= {
        (value, meaning if value == "113100" else f"{meaning} Option") for value, meaning in MEANINGS.items()
    }
