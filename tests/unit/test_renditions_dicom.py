"""What is made for viewers of DICOM files, held to pydicom's own decoding of its test files."""

from __future__ import annotations

import gzip
import io
import json
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut
from pydicom.pixels.utils import pixel_array
from pydicom.uid import HTJ2K, UID, HTJ2KLossless, HTJ2KLosslessRPCL

from server.cleaning.outcome import Cleaned
from server.cleaning.pieces import jpeg_pieces
from server.renditions import facts
from server.renditions.ecg import read_curves
from server.renditions.render import render
from server.renditions.rendition import Rendered
from server.renditions.shown import picture
from tests.cleaning.objects import HTJ2K_FILES, ODD_FILES
from tests.unit.test_renditions import manifest, octets, silent, sizes
from workspace.media import Kind

FILES = sorted(each for each in (*ODD_FILES.rglob("*"), *HTJ2K_FILES.glob("*.dcm")) if each.is_file())
NOT_DECODED = {"JPEG Extended (Process 2 and 4)"}
BY_US = {
    "JPEG-LS Lossless Image Compression",
    "JPEG-LS Lossy (Near-Lossless) Image Compression",
    "JPEG Lossless, Non-Hierarchical, First-Order Prediction (Process 14 [Selection Value 1])",
}
"""What pydicom does not decode here either."""
BROKEN = {
    "MR_truncated.dcm",
    "SC_rgb_jls_lossy_sample.dcm",
    "JPEG2000-embedded-sequence-delimiter.dcm",
    "emri_small_jpeg_2k_lossless_too_short.dcm",
}
"""Cut off, or with frames that pydicom itself does not find."""


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """What pydicom warns of its own odd files is not what is asked here; that we do not depend on it, is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def file(name: str) -> Path:
    path = get_testdata_file(name, download=False)
    assert isinstance(path, str)
    return Path(path)


def rendered(path: Path, folder: Path) -> Rendered:
    return render(Cleaned(path, "application/dicom", Kind.DICOM, {}, {}), folder, silent)


def frames(said: Mapping[str, Any], packed: bytes) -> list[NDArray[Any]]:
    """The frames as a viewer reads them."""
    pixels = said["pixels"]
    kind = {"unsigned": "u", "signed": "i", "float": "f"}[pixels["type"]]
    shape = (pixels["height"], pixels["width"], 3) if pixels["samples"] == 3 else (pixels["height"], pixels["width"])
    found = []
    for offset, length in pixels["places"]:
        blob = packed[offset : offset + length]
        if pixels["coding"] == "gzip":
            found.append(np.frombuffer(gzip.decompress(blob), f"<{kind}{pixels['bits'] // 8}").reshape(shape))
        else:
            with Image.open(io.BytesIO(blob)) as image:
                assert image.mode == ("RGB" if pixels["samples"] == 3 else "L")
                found.append(np.asarray(image).reshape(shape))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_of_pydicom_s_is_shown_or_says_why_not(path: Path, tmp_path: Path) -> None:
    """[REN-5] [REN-9] Pixels as pydicom decodes them, to the last bit, or JPEGs that a browser decodes alike."""
    try:
        dataset = pydicom.dcmread(path, force=True)
        syntax = dataset.file_meta.get("TransferSyntaxUID") if hasattr(dataset, "file_meta") else None
    except Exception:
        pytest.skip("no DICOM: it does not come through the cleaner")
    made = rendered(path, tmp_path)
    said = manifest(made)
    if "PixelData" not in dataset or syntax is None or UID(syntax).name in NOT_DECODED or path.name in BROKEN:
        assert "pixels" not in said
        assert "curves" in said or said["not_shown"]
        assert syntax is None or "PixelData" not in dataset or UID(syntax).name in said["not_shown"]
        return
    if UID(syntax).name in BY_US:
        assert said["pixels"]["coding"] == "gzip"
        return
    try:
        wanted = pixel_array(dataset)
    except Exception:
        assert said["not_shown"]
        return
    seen = frames(said, octets(made)["frames"])
    assert {"thumbnail", "thumbnail-large", "preview"} == set(sizes(made))
    photometric = str(dataset.PhotometricInterpretation)
    wanted = wanted if len(seen) > 1 else wanted[None]
    assert len(seen) == len(wanted)
    for ours, theirs in zip(seen, wanted, strict=True):
        if said["pixels"]["coding"] == "jpeg":
            assert np.abs(ours.astype(int) - theirs).mean() < 3
        elif photometric == "PALETTE COLOR":
            assert ours.shape == (*theirs.shape, 3)
        elif theirs.ndim == 3 and theirs.dtype.itemsize > 1:
            assert np.array_equal(ours, theirs >> (dataset.BitsStored - 8))
        else:
            assert np.array_equal(ours, theirs)
            assert ours.dtype.itemsize == theirs.dtype.itemsize


def test_the_files_cover_what_is_claimed() -> None:
    """[REN-9] Otherwise the test above would prove nothing."""
    syntaxes = set()
    for path in FILES:
        try:
            dataset = pydicom.dcmread(path, stop_before_pixels=True)
        except Exception:
            continue
        if "Rows" in dataset:
            syntaxes.add(UID(dataset.file_meta.TransferSyntaxUID).name)
    assert len(syntaxes - NOT_DECODED - BY_US) >= 8
    assert syntaxes >= NOT_DECODED | BY_US


@pytest.mark.parametrize(
    ("name", "same"),
    [
        ("MR_small_jpeg_ls_lossless.dcm", "MR_small.dcm"),
        ("emri_small_jpeg_ls_lossless.dcm", "emri_small.dcm"),
    ],
)
def test_jpeg_ls_gives_the_numbers_that_were_packed(name: str, same: str, tmp_path: Path) -> None:
    """[REN-9] The same picture is there unpacked."""
    made = rendered(file(name), tmp_path)
    seen = np.stack(frames(manifest(made), octets(made)["frames"]))
    wanted = pydicom.dcmread(file(same)).pixel_array
    assert np.array_equal(seen.reshape(wanted.shape), wanted)
    assert seen.dtype == wanted.dtype


@pytest.mark.parametrize(
    ("name", "same", "syntax", "away"),
    [
        ("MR_small_htj2k_lossless.dcm", "MR_small.dcm", HTJ2KLossless, 0),
        ("emri_small_htj2k_rpcl.dcm", "emri_small.dcm", HTJ2KLosslessRPCL, 0),
        ("CT_small_htj2k.dcm", "CT_small.dcm", HTJ2K, 50),
    ],
)
def test_htj2k_gives_the_numbers_that_were_packed(name: str, same: str, syntax: UID, away: int, tmp_path: Path) -> None:
    """[REN-9] By another's encoder, with and without a sign; what was lossy is as near as it was packed."""
    path = HTJ2K_FILES / name
    assert pydicom.dcmread(path, stop_before_pixels=True).file_meta.TransferSyntaxUID == syntax
    made = rendered(path, tmp_path)
    seen = np.stack(frames(manifest(made), octets(made)["frames"]))
    wanted = pydicom.dcmread(file(same)).pixel_array
    assert seen.dtype == wanted.dtype
    difference = np.abs(seen.reshape(wanted.shape).astype(int) - wanted)
    assert difference.max() <= away
    assert difference.mean() <= away / 4


@pytest.mark.parametrize(
    ("name", "place", "wanted"),
    [
        ("JPEG-LL.dcm", np.s_[400, 124:132], [60, 58, 61, 68, 59, 65, 64, 67]),
        ("JPEG-LL.dcm", np.s_[600, 124:132], [3, 1, 2, 0, 2, 1, 2, 0]),
        ("JPGLosslessP14SV1_1s_1f_8b.dcm", np.s_[300, 512:520], [26, 26, 25, 22, 19, 16, 14, 15]),
        ("JPGLosslessP14SV1_1s_1f_8b.dcm", np.s_[600, 512:520], [45, 43, 41, 38, 33, 30, 26, 21]),
        ("SC_rgb_jpeg_gdcm.dcm", np.s_[15, 50], [255, 128, 128]),
        ("SC_rgb_jpeg_gdcm.dcm", np.s_[75, 50], [64, 64, 64]),
        ("JPEGLSNearLossless_16.dcm", np.s_[20, :2], [1025, 1025]),
        ("JPEGLSNearLossless_08.dcm", np.s_[0, :2], [255, 255]),
        ("SC_rgb_jls_lossy_line.dcm", np.s_[5, 50], [255, 0, 0]),
    ],
)
def test_what_pydicom_leaves_to_others_has_known_values(
    name: str, place: Any, wanted: list[int], tmp_path: Path
) -> None:
    """[REN-9] Lossless JPEG and JPEG-LS at places whose values other decoders agree on."""
    made = rendered(file(name), tmp_path)
    (seen,) = frames(manifest(made), octets(made)["frames"])
    assert seen[place].tolist() == wanted


@pytest.mark.parametrize(
    "name", ["CT_small.dcm", "MR_small.dcm", "examples_overlay.dcm", "693_J2KI.dcm", "JPEG2000.dcm", "MR_small_RLE.dcm"]
)
def test_a_preview_is_windowed_as_pydicom_windows(name: str) -> None:
    """[REN-7] By the file's first window, or spread where it has none."""
    dataset = pydicom.dcmread(file(name))
    frame = dataset.pixel_array
    values = facts.values(dataset)
    ours = np.asarray(picture(frame, values), np.float64)
    if values["windows"]:
        real = apply_voi_lut(apply_modality_lut(frame, dataset), dataset, prefer_lut=False).astype(np.float64)
        # pydicom spreads over the range that values can have, we over 0 to 255.
        lowest, highest = real.min(), real.max()
        if (ours.min(), ours.max()) == (0, 255):
            assert np.abs(ours - (real - lowest) / (highest - lowest) * 255).max() <= 2
    assert ours.std() > 5


def test_a_preview_tells_values_apart_in_a_window_narrower_than_1() -> None:
    """[REN-7] Doses in Gy lie within a fraction of one, where the standard's LINEAR is a threshold."""
    doses: dict[str, Any] = {
        "slope": 0.001,
        "intercept": 0.0,
        "windows": [{"center": 0.1, "width": 0.2}],
        "window_function": "LINEAR",
    }
    frame = np.array([[0, 50, 100, 150, 200]], np.uint16)
    assert np.asarray(picture(frame, doses)).tolist() == [[0, 64, 128, 191, 255]]


def test_monochrome1_is_shown_dark_where_it_is_dark(tmp_path: Path) -> None:
    """[REN-7] Its lowest value is the brightest; its numbers are sent as they are."""
    dataset = pydicom.dcmread(file("CT_small.dcm"))
    upright = rendered(file("CT_small.dcm"), _folder(tmp_path, "upright"))
    dataset.PhotometricInterpretation = "MONOCHROME1"
    dataset.save_as(tmp_path / "inverse.dcm")
    inverse = rendered(tmp_path / "inverse.dcm", _folder(tmp_path, "inverse"))
    assert (manifest(upright)["values"]["invert"], manifest(inverse)["values"]["invert"]) == (False, True)
    assert octets(upright)["frames"] == octets(inverse)["frames"]
    shown = [
        np.asarray(Image.open(io.BytesIO(octets(made)["preview"])).convert("L"), int) for made in (upright, inverse)
    ]
    assert np.abs(shown[0] + shown[1] - 255).mean() < 6


def _folder(parent: Path, name: str) -> Path:
    (parent / name).mkdir()
    return parent / name


def test_jpegs_are_passed_through_without_their_comments(tmp_path: Path) -> None:
    """[REN-5] 30 frames of an echo: the scan is the file's own, all else is tables."""
    made = rendered(file("examples_ybr_color.dcm"), tmp_path)
    said = manifest(made)
    assert said["pixels"]["coding"] == "jpeg"
    assert len(said["pixels"]["places"]) == 30
    assert said["frame_millis"] == 33.333
    source = file("examples_ybr_color.dcm").read_bytes()
    packed = octets(made)["frames"]
    for offset, length in said["pixels"]["places"]:
        coded = packed[offset : offset + length]
        found = list(jpeg_pieces(coded))
        assert {each.name for each in found} <= {"SOI", "APP14", "DQT", "DHT", "SOF0", "SOS", "scan", "EOI", "DRI"}
        (scan,) = [coded[each.start : each.end] for each in found if each.name == "scan"]
        assert scan in source


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (
            {"PixelSpacing": [0.5, 0.25], "ImagerPixelSpacing": [1, 1]},
            {"row": 0.5, "column": 0.25, "from": "pixel-spacing"},
        ),
        ({"ImagerPixelSpacing": [0.2, 0.2]}, {"row": 0.2, "column": 0.2, "from": "imager-pixel-spacing"}),
        ({"NominalScannedPixelSpacing": [0.1, 0.1]}, {"row": 0.1, "column": 0.1, "from": "nominal-scanned"}),
        ({"PixelSpacing": [0, 0]}, None),
        ({"PixelSpacing": [float("inf"), 1]}, None),
        ({}, None),
    ],
)
def test_spacing_says_where_it_is_from(given: dict[str, Any], wanted: object) -> None:
    """[REN-6] A millimetre is told only where there is one."""
    dataset = Dataset()
    for name, value in given.items():
        setattr(dataset, name, value)
    assert facts.spacing(dataset) == wanted


@pytest.mark.parametrize(("regions", "calibrated"), [(1, True), (2, False), (0, False)])
def test_one_calibrated_ultrasound_region_gives_its_spacing(regions: int, calibrated: bool) -> None:  # noqa: FBT001
    """[REN-6] Two that differ give none for the whole, each its own; a Doppler curve gives none at all."""
    dataset = Dataset()
    found = []
    for number in range(regions + 1):
        region = Dataset()
        region.RegionLocationMinX0, region.RegionLocationMinY0 = 0, 0
        region.RegionLocationMaxX1, region.RegionLocationMaxY1 = 10, 20
        region.PhysicalDeltaX, region.PhysicalDeltaY = 0.02, 0.01 + number / 100
        region.PhysicalUnitsXDirection = 4 if number == regions else 3
        region.PhysicalUnitsYDirection = 3
        found.append(region)
    dataset.SequenceOfUltrasoundRegions = found
    said = facts.spacing(dataset)
    assert said == ({"row": 0.1, "column": 0.2, "from": "ultrasound-region"} if calibrated else None)
    assert len(facts.ultrasound_regions(dataset)) == regions + 1


def test_geometry_of_enhanced_objects_is_told_frame_by_frame(tmp_path: Path) -> None:
    """[REN-6] It stands in functional groups."""
    said = manifest(rendered(file("eCT_Supplemental.dcm"), tmp_path))
    assert len(said["frames"]) == len(said["pixels"]["places"]) == 2
    positions = [frame["place"]["position"] for frame in said["frames"]]
    assert positions[0] != positions[1]
    assert said["spacing"]["from"] == "pixel-spacing"


def test_values_place_and_side_are_those_of_the_file(tmp_path: Path) -> None:
    """[REN-6]"""
    dataset = pydicom.dcmread(file("CT_small.dcm"))
    dataset.ImageLaterality, dataset.ViewPosition = "L", "AP"
    dataset.WindowCenter, dataset.WindowWidth = [40, -600], [400, 1500]
    dataset.WindowCenterWidthExplanation = ["SOFT", "LUNG"]
    dataset.save_as(tmp_path / "ct.dcm")
    made = rendered(tmp_path / "ct.dcm", _folder(tmp_path, "made"))
    said = manifest(made)
    assert said["picture"] | {"laterality": "L", "view": "AP", "modality": "CT"} == said["picture"]
    assert said["values"]["windows"] == [
        {"center": 40, "width": 400, "name": "SOFT"},
        {"center": -600, "width": 1500, "name": "LUNG"},
    ]
    assert (said["values"]["slope"], said["values"]["intercept"], said["values"]["unit"]) == (1, -1024, "HU")
    assert said["place"]["position"] == [float(each) for each in dataset.ImagePositionPatient]
    assert said["pixels"]["lowest"] == int(dataset.pixel_array.min())
    assert made.attributes["series"] == dataset.SeriesInstanceUID
    assert made.attributes["position"] == said["place"]["position"]


def test_an_ecg_is_numbers_and_a_sheet(tmp_path: Path) -> None:
    """[REN-8] Microvolts as pydicom reads them, and a picture on squares."""
    made = rendered(file("waveform_ecg.dcm"), tmp_path)
    said = json.loads(octets(made)["waveform"])
    assert [lead["name"] for lead in said["leads"]] == [
        "I",
        "II",
        "III",
        "aVR",
        "aVL",
        "aVF",
        "V1",
        "V2",
        "V3",
        "V4",
        "V5",
        "V6",
    ]
    assert (said["hertz"], said["seconds"]) == (1000, 10)
    wanted = pydicom.dcmread(file("waveform_ecg.dcm")).waveform_array(0)
    ours = np.array([lead["microvolts"] for lead in said["leads"]]).T
    assert np.abs(ours - wanted).max() <= 0.5
    assert manifest(made)["kind"] == "ecg"
    assert manifest(made)["curves"]["leads"][3] == "aVR"
    width, height = sizes(made)["preview"]
    assert width > 2 * height
    # A second is 25 squares of 4 pixels: ten of them and the margins.
    assert width == (10 * 25 + 10) * 4
    assert read_curves(file("waveform_ecg.dcm")).seconds == 10


def test_an_ecg_says_what_its_numbers_mean_and_what_was_filtered(tmp_path: Path) -> None:
    """[REN-8] [VIEW-16] Of a lead without a unit nothing is said; filters only where all leads have the same."""
    dataset = pydicom.dcmread(file("waveform_ecg.dcm"))
    channels = dataset.WaveformSequence[0].ChannelDefinitionSequence
    for channel in channels:
        channel.FilterLowFrequency, channel.FilterHighFrequency = "0.05", "150"
    channels[0].FilterHighFrequency = "40"
    del channels[2].ChannelSensitivityUnitsSequence
    path = tmp_path / "curves.dcm"
    dataset.save_as(path)
    said = json.loads(octets(rendered(path, _folder(tmp_path, "made")))["waveform"])
    assert [lead["is_calibrated"] for lead in said["leads"]] == [True, True, False, *[True] * 9]
    assert said["filters"] == {"low": 0.05, "high": None, "notch": 0}
    assert said["leads"][2]["microvolts"][:100] == np.rint(dataset.waveform_array(0)[:100, 2]).astype(int).tolist()


def test_the_same_dicom_gives_the_same_bytes(tmp_path: Path) -> None:
    """[REN-1]"""
    for name in ("CT_small.dcm", "examples_ybr_color.dcm", "waveform_ecg.dcm"):
        first = octets(rendered(file(name), _folder(tmp_path, f"{name}1")))
        assert first == octets(rendered(file(name), _folder(tmp_path, f"{name}2")))


@pytest.mark.parametrize(
    "name", ["CT_small.dcm", "SC_rgb_small_odd.dcm", "examples_overlay.dcm", "examples_palette.dcm"]
)
def test_a_coarse_frame_is_the_mean_of_its_pixels(name: str, tmp_path: Path) -> None:
    """[REN-10] Beside each frame that is larger than one; small frames have none."""
    made = rendered(file(name), tmp_path)
    said, packed = manifest(made), octets(made)["frames"]
    (frame,) = frames(said, packed)
    if max(frame.shape) <= 128:
        assert "coarse" not in said["pixels"]
        return
    coarse = said["pixels"]["coarse"]
    (seen,) = frames({"pixels": {**said["pixels"], **coarse}}, packed)
    step = coarse["step"]
    assert max(seen.shape) <= 256
    assert seen.shape[0] * step >= frame.shape[0] > (seen.shape[0] - 1) * step
    assert seen.dtype == frame.dtype
    block = frame[: seen.shape[0] // 2 * step, : seen.shape[1] // 2 * step].astype(np.float64)
    for row, column in ((0, 0), (3, 5), (seen.shape[0] // 2 - 1, seen.shape[1] // 2 - 1)):
        pixels = block[row * step : (row + 1) * step, column * step : (column + 1) * step]
        assert np.array_equal(seen[row, column], np.rint(pixels.mean(axis=(0, 1))))
    assert coarse["places"][0][1] < said["pixels"]["places"][0][1] / 4
