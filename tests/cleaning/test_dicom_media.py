"""A DICOM file on its way into a case: what all cleaners answer."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.pixels.utils import pixel_array

from server.cleaning import dicom_media
from server.cleaning.dicom_media import DicomPolicy, Marks
from server.cleaning.outcome import Cleaned, NeedsReview, Outcome, Rejected
from server.cleaning.redaction import Box, Redaction, Stroke, mask
from tests.cleaning.markers import STORAGE, written
from tests.cleaning.objects import ODD_FILES, US, US_CINE, USUAL, image, load, real_files
from workspace.deidentification import outcome as ours
from workspace.media import Kind, Reason


def answer(folder: Path, source: Dataset | Path, marks: Marks | None = None) -> Outcome:
    """What comes of a file, in an empty folder of its own."""
    path = source if isinstance(source, Path) else folder / "original"
    if isinstance(source, Dataset):
        path.write_bytes(written(source))
    made = folder / f"made-{len(list(folder.iterdir()))}"
    made.mkdir()
    return dicom_media.clean(path, made, DicomPolicy(USUAL, marks), lambda done, total: None)


def test_a_clear_object_is_described(tmp_path: Path) -> None:
    """[DEI-12] Sizes, places and spacings for who shows it, in the case's UIDs; the certificate as JSON."""
    source = image()
    source.PixelSpacing, source.ImagePositionPatient = ["0.5", "0.5"], ["1", "-2.5", "3"]
    source.InstanceNumber, source.Laterality = "7", "L"
    cleaned = answer(tmp_path, source)
    assert isinstance(cleaned, Cleaned)
    assert [cleaned.kind, cleaned.content_type] == [Kind.DICOM, "application/dicom"]
    facts = cleaned.attributes
    assert [facts["width"], facts["height"], facts["frames"]] == [24, 16, 1]
    assert [facts["pixel_spacing"], facts["position"]] == [[0.5, 0.5], [1.0, -2.5, 3.0]]
    assert [facts["instance_number"], facts["laterality"]] == [7.0, "L"]
    assert facts["series"] == USUAL.new_uid("1.2.826.0.1.3680043.9.3")
    assert "Quillfeather" not in json.dumps({**facts, **cleaned.certificate})
    assert cleaned.certificate["edition"] == "PS3.15 2026c"


def test_an_ecg_is_one(tmp_path: Path) -> None:
    """[DEI-8] Curves, and how long they are."""
    cleaned = answer(tmp_path, ODD_FILES / "waveform_ecg.dcm")
    assert isinstance(cleaned, Cleaned)
    assert cleaned.kind is Kind.ECG
    assert [cleaned.attributes[name] for name in ("leads", "samples_a_second", "seconds")] == [12, 1000.0, 10.0]


def test_who_looks_sees_every_text_of_a_cine(tmp_path: Path) -> None:
    """[DEI-17] The cleaned object's frames, and what is bright in any of them in one picture."""
    source = image(US_CINE, "US", frames=40)
    frames = np.zeros((40, 16, 24), np.uint8)
    frames[17, 3, 5] = 255
    source.PixelData = frames.tobytes()
    asked = answer(tmp_path, source)
    assert isinstance(asked, NeedsReview)
    assert asked.reason is Reason.MAY_SHOW_TEXT
    everything, *some = asked.pictures
    assert everything.frame is None
    assert np.asarray(Image.open(everything.file))[3, 5] == 255
    assert [some[0].frame, some[1].frame, some[-1].frame] == [0, 4, 39]
    assert {(each.width, each.height, each.content_type) for each in asked.pictures} == {(24, 16, "image/png")}


@pytest.mark.parametrize("path", ["color-pl.dcm", "US1_UNCI.dcm", "US1_J2KI.dcm"])
def test_who_looks_sees_colours(path: str, tmp_path: Path) -> None:
    """[DEI-17] As they are, whatever they are stored as."""
    asked = answer(tmp_path, real_files() / path)
    assert isinstance(asked, NeedsReview)
    (picture,) = asked.pictures
    assert np.asarray(Image.open(picture.file)).shape == pixel_array(real_files() / path).shape


def test_what_nobody_can_decode_nobody_can_look_at(tmp_path: Path) -> None:
    """[DEI-17] It is refused with the name of its compression."""
    refused = answer(tmp_path, ODD_FILES / "JPEGLSNearLossless_08.dcm")
    assert refused == Rejected(Reason.UNSUPPORTED, "JPEG-LS Lossy (Near-Lossless) Image Compression")


def test_what_was_marked_is_gone_pixel_for_pixel(tmp_path: Path) -> None:
    """[DEI-16] Boxes and strokes, in all frames and in one; afterwards it is clear, and may be marked again."""
    source = image(US_CINE, "US", frames=3)
    everywhere = Redaction(boxes=(Box(-3, 1.5, 8, 4),))
    second = Redaction(strokes=(Stroke(((12.0, 4.0), (20.0, 12.0)), 3.0),))
    cleaned = answer(tmp_path, source, {None: everywhere, 1: second})
    assert isinstance(cleaned, Cleaned)
    expected = np.frombuffer(source.PixelData, np.uint8).reshape(3, 16, 24).copy()
    expected[:, np.asarray(mask(24, 16, everywhere))] = 0
    expected[1, np.asarray(mask(24, 16, second))] = 0
    assert (load(cleaned.file).pixel_array == expected).all()
    assert cleaned.certificate["reviewed"] is True
    again = tmp_path / "again"
    again.mkdir()
    more = dicom_media.redact(
        cleaned.file,
        again,
        {None: Redaction(boxes=(Box(20, 0, 4, 2),))},
        json.dumps(dict(cleaned.certificate)),
        lambda done, total: None,
    )
    assert isinstance(more, Cleaned)
    expected[:, 0:2, 20:24] = 0
    assert (load(more.file).pixel_array == expected).all()


def test_a_person_may_say_that_nothing_is_there(tmp_path: Path) -> None:
    """[DEI-16]"""
    source = image(US, "US")
    cleaned = answer(tmp_path, source, {})
    assert isinstance(cleaned, Cleaned)
    assert load(cleaned.file).PixelData == source.PixelData


def test_every_reason_of_ours_is_one_that_people_are_told() -> None:
    """[DEI-8] The closed list is translated whole."""
    told = {reason: dicom_media._rejected(ours.Rejected(reason)).reason for reason in ours.Reason}
    assert len(told) == len(ours.Reason)
    assert told[ours.Reason.LEFT_OVER] is Reason.IDENTIFIERS_LEFT


def test_a_refusal_says_what_to_do_about_it(tmp_path: Path) -> None:
    """[DEI-8]"""
    source = image()
    source.SOPClassUID = f"{STORAGE}104.1"
    assert answer(tmp_path, source) == Rejected(Reason.DOCUMENT, "document")


class GivenUp(Exception):
    """Somebody cancelled."""


def test_what_is_given_up_ends_at_once(tmp_path: Path) -> None:
    """[DEI-13] What the caller raises while it is told comes back to the caller, and nothing is left."""

    def stop(done: int, total: int) -> None:
        raise GivenUp(done, total)

    (tmp_path / "original").write_bytes(written(image(frames=40)))
    (tmp_path / "made").mkdir()
    with pytest.raises(GivenUp):
        dicom_media.clean(tmp_path / "original", tmp_path / "made", DicomPolicy(USUAL), stop)
    assert list((tmp_path / "made").iterdir()) == []
