"""Which kinds of objects are taken, which a person must see first, and which are refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydicom._uid_dict import UID_dictionary
from pydicom.dataset import Dataset

from tests.cleaning.markers import STORAGE, save, written
from tests.cleaning.objects import CT, SC, US, clean, image, item
from workspace.deidentification.classes import Kind, verdict_on
from workspace.deidentification.outcome import Cleaned, Doubt, NeedsReview, Reason, Rejected


@pytest.mark.parametrize(
    ("sop_class", "reason"),
    [
        (f"{STORAGE}104.1", Reason.DOCUMENT),
        (f"{STORAGE}104.2", Reason.DOCUMENT),
        (f"{STORAGE}88.11", Reason.REPORT),
        (f"{STORAGE}88.59", Reason.REPORT),
        (f"{STORAGE}11.1", Reason.PRESENTATION),
        (f"{STORAGE}66", Reason.RAW_DATA),
        (f"{STORAGE}66.4", Reason.UNSUPPORTED),
        (f"{STORAGE}9.4.1", Reason.SPEECH),
        (f"{STORAGE}481.5", Reason.PLAN),
        (f"{STORAGE}481.3", Reason.PLAN),
        ("1.2.840.10008.5.1.4.38.1", Reason.PRESENTATION),
        ("1.2.840.10008.1.3.10", Reason.DIRECTORY),
        ("1.3.12.2.1107.5.9.1", Reason.UNKNOWN_KIND),
        (f"{STORAGE}7.99", Reason.UNKNOWN_KIND),
    ],
)
def test_what_cannot_be_cleaned_surely_is_refused_by_name(sop_class: str, reason: Reason, tmp_path: Path) -> None:
    """[DEI-8] And nothing of it is written."""
    source = image()
    source.SOPClassUID = sop_class
    outcome, target = clean(tmp_path, source)
    assert isinstance(outcome, Rejected)
    assert outcome.reason is reason
    assert not target.exists()


def test_a_document_full_of_markers_is_refused(tmp_path: Path) -> None:
    """[DEI-2] [DEI-8] An encapsulated PDF cannot be cleaned here."""

    def encapsulate(dataset: Dataset) -> None:
        dataset.SOPClassUID, dataset.MIMETypeOfEncapsulatedDocument = f"{STORAGE}104.1", "application/pdf"
        dataset.EncapsulatedDocument = b"%PDF-1.7 of Quillfeather"

    save(tmp_path / "marked", "CT", encapsulate)
    outcome, target = clean(tmp_path, (tmp_path / "marked").read_bytes())
    assert outcome == Rejected(Reason.DOCUMENT)
    assert not target.exists()


def test_every_storage_class_of_the_standard_has_a_verdict() -> None:
    """[DEI-8] None is taken because nobody thought of it: those taken are counted."""
    classes = [uid for uid, entry in UID_dictionary.items() if entry[1] == "SOP Class" and uid.startswith(STORAGE)]
    verdicts = {uid: verdict_on(uid, registered=True) for uid in classes}
    assert len(classes) > 150
    assert sum(isinstance(each, Kind) for each in verdicts.values()) == 55
    assert sum(isinstance(each, Doubt) for each in verdicts.values()) == 21
    assert all(isinstance(each, (Kind, Doubt, Reason)) for each in verdicts.values())


def test_what_is_encrypted_is_refused(tmp_path: Path) -> None:
    """[DEI-8] An envelope with the originals in it is not passed on, nor thrown away in silence."""
    source = image()
    source.EncryptedAttributesSequence = item(EncryptedContentTransferSyntaxUID="1.2.840.10008.1.2.1")
    assert clean(tmp_path, source)[0] == Rejected(Reason.ENCRYPTED)


@pytest.mark.parametrize(
    ("changes", "doubts"),
    [
        ({}, ()),
        ({"BurnedInAnnotation": "NO"}, ()),
        ({"BurnedInAnnotation": "YES"}, (Doubt.DECLARED,)),
        ({"SOPClassUID": SC, "Modality": "OT"}, (Doubt.CAPTURE,)),
        ({"SOPClassUID": US, "Modality": "US"}, (Doubt.ULTRASOUND,)),
        ({"SOPClassUID": f"{STORAGE}77.1.4", "Modality": "XC"}, (Doubt.PHOTOGRAPH,)),
        ({"SOPClassUID": f"{STORAGE}77.1.1", "Modality": "ES"}, (Doubt.PHOTOGRAPH,)),
        ({"SOPClassUID": f"{STORAGE}77.1.6", "Modality": "SM"}, ()),
        (
            {"SOPClassUID": f"{STORAGE}77.1.6", "Modality": "SM", "ImageType": ["ORIGINAL", "PRIMARY", "LABEL"]},
            (Doubt.SLIDE_LABEL,),
        ),
        ({"ConversionType": "DF"}, (Doubt.FILM,)),
        ({"ConversionType": "WSD"}, (Doubt.CAPTURE,)),
        ({"ImageType": ["DERIVED", "SECONDARY", "SCREEN SAVE"]}, (Doubt.CAPTURE,)),
        ({"SOPClassUID": CT, "Modality": "SC"}, (Doubt.CAPTURE,)),
    ],
)
def test_pixels_that_may_name_somebody_wait_for_a_person(
    changes: dict[str, object], doubts: tuple[Doubt, ...], tmp_path: Path
) -> None:
    """[DEI-9] By what the file says of itself."""
    source = image()
    for keyword, value in changes.items():
        setattr(source, keyword, value)
    outcome, target = clean(tmp_path, written(source))
    assert target.exists()
    if doubts:
        assert isinstance(outcome, NeedsReview)
        assert outcome.doubts == doubts
    else:
        assert isinstance(outcome, Cleaned)
