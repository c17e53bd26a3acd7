"""Files that are damaged, or made to harm: each gets an answer, in bounded time and memory."""

from __future__ import annotations

import random
import struct
import zlib
from pathlib import Path

import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian

from server.cleaning.dicom import clean_dicom
from server.cleaning.reading import MAX_DEPTH, Unreadable, read
from tests.cleaning.markers import written
from tests.cleaning.objects import ODD_FILES, USUAL, clean, image, load, real_files
from workspace.deidentification.outcome import Cleaned, NeedsReview, Reason, Rejected

FILES = sorted(path for folder in (ODD_FILES, real_files()) for path in folder.rglob("*") if path.is_file())
# Six seconds of decoding and encoding; `test_blanking` has it.
LONG = {"color3d_jpeg_baseline.dcm"}


def test_every_odd_file_gets_an_answer(tmp_path: Path) -> None:
    """[DEI-13] pydicom's own odd files: taken, or refused for a reason, and what is taken can be read again."""
    outcomes = {}
    for path in FILES:
        if path.name in LONG:
            continue
        target = tmp_path / "out"
        outcome = outcomes[path] = clean_dicom(path, target, USUAL)
        assert target.exists() == (not isinstance(outcome, Rejected)), path
        assert not isinstance(outcome, Rejected) or outcome.reason not in (Reason.DEFECT, Reason.LEFT_OVER), path
        if not isinstance(outcome, Rejected):
            assert load(target).PatientIdentityRemoved == "YES"
    assert sum(isinstance(each, Cleaned) for each in outcomes.values()) >= 78
    assert sum(isinstance(each, NeedsReview) for each in outcomes.values()) >= 70
    assert len(outcomes) > 230


def test_every_truncation_gets_an_answer(tmp_path: Path) -> None:
    """[DEI-13] Wherever a file ends, it is refused; a whole one is not."""
    data = written(image())
    for length in [*range(0, len(data), 7), len(data) - 2]:
        outcome, target = clean(tmp_path, data[:length])
        assert isinstance(outcome, Rejected), length
        assert outcome.reason in (Reason.NOT_DICOM, Reason.DAMAGED, Reason.UNKNOWN_KIND)
        assert not target.exists()
    assert isinstance(clean(tmp_path, data)[0], Cleaned)


def test_every_mutation_gets_an_answer(tmp_path: Path) -> None:
    """[DEI-13] Bytes changed at random: no mutant is a defect of ours, and no marker of the original gets through."""
    chance = random.Random(4711)
    data = written(image())
    answers = set()
    for _ in range(400):
        mutant = bytearray(data)
        for _ in range(chance.randint(1, 6)):
            mutant[chance.randrange(132, len(mutant))] = chance.choice((0, 1, 0x7F, 0xFF, chance.randrange(256)))
        outcome, target = clean(tmp_path, bytes(mutant))
        answers.add(type(outcome))
        assert not isinstance(outcome, Rejected) or outcome.reason is not Reason.DEFECT, outcome
        if target.exists():
            assert b"Quillfeather" not in target.read_bytes()
    assert answers >= {Cleaned, Rejected}


def element(tag: int, vr: bytes, value: bytes, length: int | None = None) -> bytes:
    """An explicit element with a length of four bytes, which may lie."""
    said = len(value) if length is None else length
    return struct.pack("<HH2sHI", tag >> 16, tag & 0xFFFF, vr, 0, said) + value


def test_lengths_that_lie_are_refused(tmp_path: Path) -> None:
    """[DEI-13] Nothing is reserved for a length before its bytes are seen."""
    head = written(image())[:400]
    assert head[128:132] == b"DICM"
    start = written(image()).index(struct.pack("<HH", 0x0008, 0x0005))
    for length in (0xFFFFFFFE, 0x7FFFFFFF, 1 << 20):
        outcome, _ = clean(tmp_path, written(image())[:start] + element(0x00420010, b"UT", b"short", length))
        assert outcome == Rejected(Reason.DAMAGED, "cut off")


@pytest.mark.parametrize("defined", [True, False])
def test_nesting_is_bounded(*, defined: bool, tmp_path: Path) -> None:
    """[DEI-13] No recursion beyond what real objects have."""
    whole = written(image())
    start = whole.index(struct.pack("<HH", 0x0008, 0x0005))

    def nested(depth: int) -> bytes:
        inside = b""
        for _ in range(depth):
            if defined:
                inside = struct.pack("<HHI", 0xFFFE, 0xE000, len(inside)) + inside
                inside = element(0x00082218, b"SQ", inside)
            else:
                inside = struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF) + inside + bytes.fromhex("feff0de000000000")
                inside = element(0x00082218, b"SQ", inside + bytes.fromhex("feffdde000000000"), 0xFFFFFFFF)
        return inside

    outcome, _ = clean(tmp_path, whole[:start] + nested(20_000) + whole[start:])
    assert outcome == Rejected(Reason.TOO_COMPLEX, "depth")
    outcome, _ = clean(tmp_path, whole[:start] + nested(MAX_DEPTH) + whole[start:])
    assert isinstance(outcome, Cleaned)


def test_what_precedes_the_pixels_is_bounded(tmp_path: Path) -> None:
    """[DEI-13] [DEI-14] Only a window of the file is mapped; pixels may lie behind it, nothing else may."""
    path, source = tmp_path / "original", image(frames=40)
    path.write_bytes(written(source))
    whole = read(path, tmp_path / "scratch", window=1 << 12)
    assert whole.pixels is not None
    assert whole.pixels.stretches[0][1] == 16 * 24 * 40 > 1 << 12
    source.add_new(0x00281201, "OW", bytes(1 << 13))
    path.write_bytes(written(source))
    with pytest.raises(Unreadable) as refused:
        read(path, tmp_path / "scratch", window=1 << 12)
    assert refused.value.reason is Reason.TOO_COMPLEX


def test_a_flood_of_elements_is_refused(tmp_path: Path) -> None:
    """[DEI-13] Half a million elements are more than any image has."""
    whole = written(image())
    start = whole.index(struct.pack("<HH", 0x0008, 0x0005))
    flood = element(0x00082218, b"SQ", struct.pack("<HHI", 0xFFFE, 0xE000, 0) * 500_001)
    assert clean(tmp_path, whole[:start] + flood + whole[start:])[0] == Rejected(Reason.TOO_COMPLEX, "item")


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    """[DEI-13] Deflate packs zeros a thousandfold; nothing real does. A deflated image is taken."""
    whole = written(image(), syntax=DeflatedExplicitVRLittleEndian)
    start = whole.index(struct.pack("<HH", 0x0008, 0x0005))
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(whole[start:]) + packer.flush()
    outcome, target = clean(tmp_path, whole[:start] + packed)
    assert isinstance(outcome, Cleaned)
    assert load(target).pixel_array.shape == (16, 24)
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(400)) + packer.flush()
    assert len(bomb) < 1 << 20
    outcome, target = clean(tmp_path, whole[:start] + bomb)
    assert outcome == Rejected(Reason.INFLATES)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["original.dcm"]
