"""What happens to single attributes."""

from __future__ import annotations

import warnings
from datetime import date, timedelta
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from tests.cleaning.markers import written
from tests.cleaning.objects import SECRET, STRICT, USUAL, clean, image, item, load, taken
from workspace.deidentification.outcome import IMPLEMENTATION, Cleaned
from workspace.deidentification.policy import CasePolicy


def put(dataset: Dataset, keyword: str, value: bytes) -> None:
    """Sets a value as bytes, so that it may be what its representation forbids."""
    tag = Tag(tag_for_keyword(keyword) or 0)
    vr = dictionary_VR(tag)
    dataset[tag] = RawDataElement(tag, vr, len(value), value.ljust(len(value) + len(value) % 2), 0, False, True)


def test_dummies_are_valid_and_say_that_they_are(tmp_path: Path) -> None:
    """[DEI-3] Where the table demands a value."""
    source = image()
    source.SeriesDate, source.SeriesTime = "20240229", "101530"
    source.AcquisitionDateTime, source.VerifyingOrganization = "20240229101530", "Clinic"
    source.PersonIdentificationCodeSequence = item(CodeValue="4711", CodingSchemeDesignator="99QF", CodeMeaning="Ada")
    _, cleaned = taken(tmp_path, source, STRICT)
    assert [cleaned.SeriesDate, cleaned.SeriesTime, cleaned.AcquisitionDateTime] == [
        "18500101",
        "000000",
        "18500101000000",
    ]
    assert [cleaned.PatientName, cleaned.PatientID, cleaned.StudyDate, cleaned.StudyID] == ["", "REMOVED", "", ""]
    assert cleaned.VerifyingOrganization == "REMOVED"
    assert cleaned.PersonIdentificationCodeSequence[0].CodeMeaning == "Removed"


@pytest.mark.parametrize(
    ("keyword", "value", "left"),
    [
        ("KVP", b"Quillfeather", "0"),
        ("KVP", b"120", "120"),
        ("InstanceNumber", b"QF-4711", "0"),
        ("BodyPartExamined", b"AN UNLIKELY LONG CODE STRING", "REMOVED"),
        ("BodyPartExamined", b"CHEST", "CHEST"),
        ("ConvolutionKernel", b"Quillfeather 2", "REMOVED"),
        ("ConvolutionKernel", b"B30f", "B30f"),
        ("ManufacturerModelName", b"room of ADA, left", "REMOVED"),
        ("ManufacturerModelName", b"Nevada 3", "Nevada 3"),
        ("ManufacturerModelName", b"copy of qf-4711-x", "REMOVED"),
    ],
)
def test_a_value_that_names_somebody_does_not_stay(keyword: str, value: bytes, left: str, tmp_path: Path) -> None:
    """[DEI-3] In attributes that the table lets stay: what is not a number, and names from elsewhere in the file."""
    source = image()
    put(source, keyword, value)
    _, cleaned = taken(tmp_path, source)
    assert str(cleaned[keyword].value) == left


def test_a_value_in_disguise_does_not_stay(tmp_path: Path) -> None:
    """[DEI-3] A text where a number belongs, a number that is called a text, a text that is called numbers."""
    source = image()
    source.add_new("KVP", "LO", "Marrow, Bo")
    source.add_new("InstanceNumber", "LO", "12")
    source.add_new("ConvolutionKernel", "UL", [int.from_bytes(b"Bo M", "little"), int.from_bytes(b"arro", "little")])
    source.add_new("AcquisitionMatrix", "LO", "Marrow, Bo")
    _, cleaned = taken(tmp_path, source)
    assert [cleaned["KVP"].value, cleaned["InstanceNumber"].value] == ["REMOVED", "12"]
    assert "ConvolutionKernel" not in cleaned
    assert "AcquisitionMatrix" not in cleaned


def test_what_nobody_knows_does_not_stay(tmp_path: Path) -> None:
    """[DEI-1] Attributes that PS3.6 does not have, sentences and binary values without a use, and unlisted names."""
    source = image()
    source.add_new(0x00189FFF, "LO", "of a later edition")
    source.add_new(0x00080001, "UL", 4)
    source.add_new(0x00281199, "UI", "1.2.826.0.1.3680043.9.77")
    source.add_new(0x0018113A, "CS", "EITHER")
    source.add_new(0x00420010, "ST", "Title of a document")
    source.add_new(0x00700080, "OB", b"what is this")
    _, cleaned = taken(tmp_path, source)
    for tag in (0x00189FFF, 0x00420010, 0x00700080):
        assert tag not in cleaned
    assert cleaned[0x0018113A].value == "EITHER"


def test_private_elements_stay_only_if_they_are_listed_with_their_creator(tmp_path: Path) -> None:
    """[DEI-4] Numbers that say what an image's values mean; and they keep their creator beside them."""
    source = image()
    philips = source.private_block(0x2005, "Philips MR Imaging DD 001", create=True)
    philips.add_new(0x0E, "FL", 4.5)
    philips.add_new(0x0F, "FL", 7.5)
    siemens = source.private_block(0x0019, "SIEMENS MR HEADER", create=True)
    siemens.add_new(0x0C, "IS", "1000")
    siemens.add_new(0x0D, "CS", "ADA")
    other = source.private_block(0x0019, "ANOTHER MAKER", create=True)
    other.add_new(0x0C, "IS", "1000")
    certificate, cleaned = taken(tmp_path, source)
    private = [element for element in cleaned if element.tag.is_private and not element.tag.is_private_creator]
    assert [str(element.value) for element in private] == ["1000", "4.5"]
    assert {element.value for element in cleaned if element.tag.is_private_creator} == {
        "Philips MR Imaging DD 001",
        "SIEMENS MR HEADER",
    }
    assert certificate.private_kept == 2


def test_a_uid_is_the_same_new_one_in_every_file_of_a_case(tmp_path: Path) -> None:
    """[DEI-5] Wherever it stands, and in no other case; UIDs of the standard stay."""
    first = image()
    first.ReferencedImageSequence = item(
        ReferencedSOPClassUID="1.2.840.10008.5.1.4.1.1.2", ReferencedSOPInstanceUID="1.2.826.0.1.3680043.9.99"
    )
    second = image()
    second.SOPInstanceUID = "1.2.826.0.1.3680043.9.99"
    certificate, one = taken(tmp_path, first)
    _, two = taken(tmp_path, second)
    _, elsewhere = taken(tmp_path, second, CasePolicy(SECRET + b"!"))
    reference = one.ReferencedImageSequence[0]
    assert reference.ReferencedSOPInstanceUID == two.SOPInstanceUID == two.file_meta.MediaStorageSOPInstanceUID
    assert one.StudyInstanceUID == two.StudyInstanceUID != elsewhere.StudyInstanceUID
    assert one.SOPInstanceUID != two.SOPInstanceUID
    assert two.SOPInstanceUID.startswith("2.25.")
    assert len(two.SOPInstanceUID) <= 44
    assert [one.SOPClassUID, reference.ReferencedSOPClassUID] == ["1.2.840.10008.5.1.4.1.1.2"] * 2
    assert certificate.uids_replaced == 5


def test_dates_of_a_case_move_together(tmp_path: Path) -> None:
    """[DEI-6] Days between remain, times of day stay, birth dates go; an age from 90 on is 90."""
    early, late = image(), image()
    early.StudyDate, late.StudyDate = "20231231", "20240301"
    late.AcquisitionDateTime = "20240302101530.25+0100"
    _, one = taken(tmp_path, early)
    _, two = taken(tmp_path, late)
    moved, after = day(one.StudyDate), day(two.StudyDate)
    assert after - moved == date(2024, 3, 1) - date(2023, 12, 31)
    assert timedelta(days=-3653) <= moved - date(2023, 12, 31) <= timedelta(days=-366)
    assert day(two.AcquisitionDateTime[:8]) - after == timedelta(days=1)
    assert two.AcquisitionDateTime[8:] == "101530.25"
    assert [two.StudyTime, two.PatientBirthDate] == ["101530", ""]
    assert [two.PatientSex, two.PatientAge] == ["F", "090Y"]
    assert two.LongitudinalTemporalInformationModified == "MODIFIED"


def day(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:8]))


def test_without_options_nothing_of_dates_and_patients_stays(tmp_path: Path) -> None:
    """[DEI-6]"""
    _, cleaned = taken(tmp_path, image(), STRICT)
    assert [cleaned.StudyDate, cleaned.StudyTime, cleaned.PatientSex] == ["", "", ""]
    assert "PatientAge" not in cleaned
    assert cleaned.LongitudinalTemporalInformationModified == "REMOVED"


def test_overlays_and_curves_go_whole(tmp_path: Path) -> None:
    """[DEI-7] All members of the repeating groups."""
    source = image()
    for group in (0x6000, 0x6002, 0x601E):
        source.add_new(group << 16 | 0x0010, "US", 16)
        source.add_new(group << 16 | 0x1500, "LO", "by Bo")
        source.add_new(group << 16 | 0x3000, "OB", bytes(48))
    source.add_new(0x50020022, "LO", "a curve")
    source.add_new(0x50023000, "OW", bytes(8))
    _, cleaned = taken(tmp_path, source)
    assert [element.tag for element in cleaned if element.tag.group >> 8 in (0x50, 0x60)] == []


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_names_go_in_every_character_set(syntax: str, tmp_path: Path) -> None:
    """[DEI-3] Texts that stay are as they were, in the set that they were written in."""
    source = image()
    source.SpecificCharacterSet = ["", "ISO 2022 IR 87"]
    source.PatientName = "Yamada^Tarou=山田^太郎"
    source.ManufacturerModelName, source.ReceiveCoilName = "超音波", "山田様"
    _, cleaned = taken(tmp_path, written(source, syntax=syntax))
    assert [cleaned.ManufacturerModelName, cleaned.ReceiveCoilName] == ["超音波", "REMOVED"]
    assert b"\x1b$B;3ED" not in (tmp_path / "cleaned.dcm").read_bytes()


def test_file_meta_information_and_preamble_are_ours(tmp_path: Path) -> None:
    """[DEI-15] What another program hid there, or wrote of itself, is gone; what follows the pixels too."""
    source = image()
    source.add_new(0xFFFCFFFC, "OB", b"padding of Quillfeather ")
    data = written(source, prefix=b"MZ this is a program by Quillfeather")
    certificate, cleaned = taken(tmp_path, data)
    assert (tmp_path / "cleaned.dcm").read_bytes()[:128] == bytes(128)
    assert cleaned.file_meta.ImplementationClassUID == IMPLEMENTATION
    assert "SourceApplicationEntityTitle" not in cleaned.file_meta
    assert 0xFFFCFFFC not in cleaned
    assert cleaned.file_meta.TransferSyntaxUID == certificate.transfer_syntax == ExplicitVRLittleEndian


def test_cleaning_twice_changes_nothing_more(tmp_path: Path) -> None:
    """[DEI-3] What we wrote ourselves is no name; UIDs are mapped once more, since nobody knows that they were."""
    _, once = taken(tmp_path, image(), STRICT)
    outcome, target = clean(tmp_path, (tmp_path / "cleaned.dcm").read_bytes(), STRICT)
    assert isinstance(outcome, Cleaned)
    twice = load(target)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        differing = {each.keyword for each in once if each != twice[each.tag]}
    assert differing <= {"SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID"}
    assert USUAL.new_uid(once.SOPInstanceUID) == twice.SOPInstanceUID


def test_the_last_of_an_odd_number_of_pixels_stays_when_bytes_are_swapped(tmp_path: Path) -> None:
    """[DEI-15] In big-endian words it stands behind the byte that fills it up, and what that byte held goes."""
    path = get_testdata_file("SC_rgb_small_odd_big_endian.dcm", download=False)
    assert isinstance(path, str)
    original = load(Path(path))
    content = bytearray(Path(path).read_bytes())
    assert content[-2:] == b"\0\x9e"
    content[-2] = 0x5A
    _, cleaned = taken(tmp_path, bytes(content))
    assert cleaned.pixel_array.tolist() == original.pixel_array.tolist()
    assert cleaned.PixelData[-2:] == b"\0\x9e"
