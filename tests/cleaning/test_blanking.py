"""Pixels that are rewritten: what is blank, what is as it was, and what the object says of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.pixels.utils import pixel_array
from pydicom.sequence import Sequence
from pydicom.uid import JPEG2000Lossless, JPEGBaseline8Bit, RLELossless

from server.cleaning.codestreams import without_comments
from server.cleaning.dicom import clean_dicom, review_dicom
from tests.cleaning.markers import written
from tests.cleaning.objects import HTJ2K_FILES, ODD_FILES, SC, US, US_CINE, USUAL, clean, image, load, real_files, taken
from workspace.deidentification.outcome import Cleaned, Doubt, NeedsReview, Reason, Rectangle, Rejected

DATA = real_files()


def region(left: int, top: int, right: int, bottom: int) -> Dataset:
    """One region of an ultrasound; its edges belong to it."""
    item = Dataset()
    item.RegionLocationMinX0, item.RegionLocationMinY0 = left, top
    item.RegionLocationMaxX1, item.RegionLocationMaxY1 = right, bottom
    item.RegionSpatialFormat, item.RegionDataType, item.RegionFlags = 1, 1, 0
    return item


def test_outside_of_its_regions_an_ultrasound_is_black(tmp_path: Path) -> None:
    """[DEI-10] In every frame; inside, not a pixel changes; the certificate says so."""
    source = image(US_CINE, "US", frames=3)
    source.SequenceOfUltrasoundRegions = Sequence([region(2, 4, 9, 11), region(15, 0, 23, 3)])
    certificate, cleaned = taken(tmp_path, source)
    before, after = source_array(source), cleaned.pixel_array
    inside = np.zeros((16, 24), bool)
    inside[4:12, 2:10] = inside[0:4, 15:24] = True
    assert (after[:, inside] == before[:, inside]).all()
    assert not after[:, ~inside].any()
    assert certificate.kept_regions == (Rectangle(2, 4, 8, 8), Rectangle(15, 0, 9, 4))
    assert cleaned.BurnedInAnnotation == "NO"
    assert "113101" in {code.CodeValue for code in cleaned.DeidentificationMethodCodeSequence}


def source_array(source: Dataset) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    frames = int(source.get("NumberOfFrames", 1))
    array = np.frombuffer(source.PixelData, np.uint8).reshape(frames, source.Rows, source.Columns)
    return array if frames > 1 else array[0]


@pytest.mark.parametrize(
    "regions", [[(0, 0, 23, 15)], [(0, 0, 40, 9)], [(9, 4, 2, 11)], [(0, 0, 23, 7), (0, 8, 23, 15)]]
)
def test_regions_that_part_nothing_are_not_believed(regions: list[tuple[int, int, int, int]], tmp_path: Path) -> None:
    """[DEI-9] The whole picture as a region, or one that is not in the picture: a person looks."""
    source = image(US, "US")
    source.SequenceOfUltrasoundRegions = Sequence([region(*each) for each in regions])
    outcome, _ = clean(tmp_path, source)
    assert isinstance(outcome, NeedsReview)
    assert outcome.doubts in ((Doubt.REGIONS,), (Doubt.ULTRASOUND,))
    assert outcome.certificate.kept_regions == ()


@pytest.mark.parametrize(
    ("name", "syntax"),
    [
        ("OBXXXX1A.dcm", "1.2.840.10008.1.2.1"),
        ("OBXXXX1A_rle.dcm", JPEG2000Lossless),
        ("OBXXXX1A_rle_2frame.dcm", JPEG2000Lossless),
        ("gdcm-US-ALOKA-16.dcm", "1.2.840.10008.1.2"),
    ],
)
def test_the_burned_in_text_of_real_ultrasounds_is_gone(name: str, syntax: str, tmp_path: Path) -> None:
    """[DEI-10] Names of hospitals and dates in the pixels of files that are public; the images are as they were."""
    outcome = clean_dicom(DATA / name, tmp_path / "out", USUAL)
    assert isinstance(outcome, Cleaned)
    before, after = pydicom.dcmread(DATA / name), load(tmp_path / "out")
    assert after.file_meta.TransferSyntaxUID == syntax
    old, new = before.pixel_array, after.pixel_array
    outside = np.ones(old.shape[-3:-1] if before.SamplesPerPixel == 3 else old.shape[-2:], bool)
    for each in outcome.certificate.kept_regions:
        outside[each.top : each.top + each.height, each.left : each.left + each.width] = False
    assert outside.mean() > 0.1
    frames = [(old, new)] if int(before.get("NumberOfFrames", 1)) == 1 else list(zip(old, new, strict=True))
    for one, other in frames:
        assert (one[~outside] == other[~outside]).all()
        assert len(np.unique(one[outside])) > 3
        assert len(np.unique(other[outside].reshape(-1, other.shape[-1] if other.ndim == 3 else 1), axis=0)) == 1


def test_a_real_cine_in_jpeg_is_blanked_without_a_second_loss(tmp_path: Path) -> None:
    """[DEI-10] 120 frames: what is decoded from the cleaned object equals what is decoded from the original."""
    name = "color3d_jpeg_baseline.dcm"
    steps: list[tuple[int, int]] = []
    outcome = clean_dicom(DATA / name, tmp_path / "out", USUAL, lambda done, total: steps.append((done, total)))
    assert isinstance(outcome, Cleaned)
    assert steps == [(frame, 120) for frame in range(1, 121)]
    before, after = pydicom.dcmread(DATA / name), load(tmp_path / "out")
    assert after.file_meta.TransferSyntaxUID == JPEG2000Lossless
    assert [after.PhotometricInterpretation, after.LossyImageCompression] == ["YBR_RCT", "01"]
    (kept,) = outcome.certificate.kept_regions
    rows, columns = slice(kept.top, kept.top + kept.height), slice(kept.left, kept.left + kept.width)
    for index in (0, 59, 119):
        old = pixel_array(DATA / name, index=index)
        new = pixel_array(tmp_path / "out", index=index)
        assert (old[rows, columns] == new[rows, columns]).all()
        new[rows, columns] = 0
        assert not new.any()
    assert before.NumberOfFrames == after.NumberOfFrames


@pytest.mark.parametrize(
    ("photometric", "signed", "blank"),
    [("MONOCHROME2", 0, 0), ("MONOCHROME1", 0, 4095), ("MONOCHROME2", 1, -2048), ("MONOCHROME1", 1, 2047)],
)
def test_blank_is_black_whatever_black_is(photometric: str, signed: int, blank: int, tmp_path: Path) -> None:
    """[DEI-10] Twelve bits in sixteen, with and without a sign, dark and bright as the lowest value."""
    source = image(SC, "OT")
    source.BitsAllocated, source.BitsStored, source.HighBit, source.PixelRepresentation = 16, 12, 11, signed
    source.PhotometricInterpretation = photometric
    del source.PixelData
    source.add(DataElement(0x7FE00010, "OW", np.full((16, 24), 77, np.int16).tobytes()))
    reviewed = review(tmp_path, source, [Rectangle(3, 2, 5, 4)])
    expected = np.full((16, 24), 77)
    expected[2:6, 3:8] = blank
    assert (reviewed.pixel_array == expected).all()


@pytest.mark.parametrize(
    "path",
    [
        DATA / "SC_rgb.dcm",
        DATA / "SC_ybr_full_uncompressed.dcm",
        DATA / "SC_rgb_16bit_2frame.dcm",
        DATA / "SC_rgb_gdcm2k_uncompressed.dcm",
        DATA / "color-pl.dcm",
        ODD_FILES / "SC_ybr_full_422_uncompressed.dcm",
        ODD_FILES / "SC_rgb_jpeg_dcmtk.dcm",
        ODD_FILES / "GDCMJ2K_TextGBR.dcm",
        HTJ2K_FILES / "HTJ2K_08_RGB.dcm",
        HTJ2K_FILES / "HTJ2KLossless_08_RGB.dcm",
    ],
    ids=lambda path: path.name,
)
def test_colours_are_blanked_as_they_are_stored(path: Path, tmp_path: Path) -> None:
    """[DEI-10] By pixel and by plane, as light and colour, with half the colours, by palette."""
    outcome = clean_dicom(path, tmp_path / "cleaned.dcm", USUAL)
    assert isinstance(outcome, NeedsReview)
    review_dicom(tmp_path / "cleaned.dcm", tmp_path / "reviewed", [Rectangle(10, 20, 30, 40)], outcome.certificate)
    old = pixel_array(path)
    new = pixel_array(tmp_path / "reviewed")
    blank = np.zeros(old.shape, bool)
    blank[..., 20:60, 10:40, :] = True
    assert (old[~blank] == new[~blank]).all()
    assert not new[blank].any()


def review(folder: Path, source: Dataset, blank: list[Rectangle]) -> Dataset:
    """Cleans, and then blanks what a person marked."""
    outcome, target = clean(folder, source)
    assert isinstance(outcome, NeedsReview)
    after = review_dicom(target, folder / "reviewed.dcm", blank, outcome.certificate)
    assert isinstance(after, Cleaned)
    assert after.certificate.reviewed
    assert list(after.certificate.blanked) == blank
    return load(folder / "reviewed.dcm")


def test_what_a_person_marked_is_blank_in_the_frames_that_were_meant(tmp_path: Path) -> None:
    """[DEI-16] And the object says that its pixels were cleaned."""
    source = image(US_CINE, "US", frames=3)
    reviewed = review(tmp_path, source, [Rectangle(0, 0, 24, 3), Rectangle(5, 8, 2, 2, frames=(1,))])
    expected = source_array(source).copy()
    expected[:, 0:3, :] = 0
    expected[1, 8:10, 5:7] = 0
    assert (reviewed.pixel_array == expected).all()
    assert reviewed.BurnedInAnnotation == "NO"
    assert "113101" in {code.CodeValue for code in reviewed.DeidentificationMethodCodeSequence}


def test_a_person_may_say_that_there_is_nothing(tmp_path: Path) -> None:
    """[DEI-16] Nothing is marked: not a pixel changes."""
    source = image(US, "US")
    reviewed = review(tmp_path, source, [])
    assert (reviewed.pixel_array == source_array(source)).all()
    assert reviewed.BurnedInAnnotation == "NO"


@pytest.mark.parametrize(
    "blank",
    [
        Rectangle(0, 0, 25, 3),
        Rectangle(-1, 0, 3, 3),
        Rectangle(0, 0, 0, 3),
        Rectangle(0, 14, 3, 3),
        Rectangle(0, 0, 3, 3, frames=(1,)),
    ],
)
def test_a_place_that_is_not_in_the_image_is_refused(blank: Rectangle, tmp_path: Path) -> None:
    """[DEI-16] Rather than something else being blanked."""
    outcome, target = clean(tmp_path, image(US, "US"))
    assert isinstance(outcome, NeedsReview)
    after = review_dicom(target, tmp_path / "reviewed.dcm", [blank], outcome.certificate)
    assert after == Rejected(Reason.WRONG_PLACE)
    assert not (tmp_path / "reviewed.dcm").exists()


def test_another_file_than_the_certified_one_is_refused(tmp_path: Path) -> None:
    """[DEI-16] What is released is what was cleaned."""
    outcome, target = clean(tmp_path, image(US, "US"))
    assert isinstance(outcome, NeedsReview)
    target.write_bytes(target.read_bytes() + b"\0\0")
    after = review_dicom(target, tmp_path / "reviewed.dcm", [], outcome.certificate)
    assert isinstance(after, Rejected)


def test_what_cannot_be_decoded_cannot_be_blanked(tmp_path: Path) -> None:
    """[DEI-16] It can still be released, if a person says that there is nothing to blank."""
    path = ODD_FILES / "JPEGLSNearLossless_08.dcm"
    outcome = clean_dicom(path, tmp_path / "cleaned", USUAL)
    assert isinstance(outcome, NeedsReview)
    marked = review_dicom(tmp_path / "cleaned", tmp_path / "reviewed", [Rectangle(0, 0, 5, 5)], outcome.certificate)
    assert marked == Rejected(Reason.CANNOT_BLANK)
    assert isinstance(review_dicom(tmp_path / "cleaned", tmp_path / "reviewed", [], outcome.certificate), Cleaned)


def test_comments_in_frames_are_cleared(tmp_path: Path) -> None:
    """[DEI-10] What a codec lets stand between its segments: JPEG comments and Exif, JPEG 2000 comments and boxes."""
    exif, comment = b"Exif\0\0 by Quillfeather", b"seen by Quillfeather"
    jpeg = b"\xff\xd8" + segment(0xE1, exif) + segment(0xFE, comment) + segment(0xDB, bytes(65)) + b"\xff\xda rest"
    cleared = without_comments(jpeg)
    assert len(cleared) == len(jpeg)
    assert b"Quillfeather" not in cleared
    assert cleared.endswith(segment(0xDB, bytes(65)) + b"\xff\xda rest")
    codestream = b"\xff\x4f" + segment(0x51, bytes(36)) + segment(0x64, b"\0\1" + comment) + b"\xff\x90 rest"
    assert b"Quillfeather" not in without_comments(codestream)
    boxes = b"\0\0\0\x0cjP  \r\n\x87\n" + box(b"xml ", comment) + box(b"jp2c", codestream)
    assert b"Quillfeather" not in without_comments(boxes)
    source = image(US, "US")
    source.PixelData = encapsulate([jpeg])
    source["PixelData"].VR = "OB"
    source["PixelData"].is_undefined_length = True
    outcome, target = clean(tmp_path, written(source, syntax=JPEGBaseline8Bit))
    assert isinstance(outcome, NeedsReview)
    assert b"Quillfeather" not in target.read_bytes()
    assert RLELossless != outcome.certificate.transfer_syntax == JPEGBaseline8Bit


def segment(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(content) + 2).to_bytes(2, "big") + content


def box(kind: bytes, content: bytes) -> bytes:
    return (len(content) + 8).to_bytes(4, "big") + kind + content
