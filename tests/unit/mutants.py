"""Damaged files by the hundred, in a process of their own: whatever is in one, the answer is one of three.

`python -m tests.unit.mutants FORM COUNT SEED` for more of them than the tests take; it prints what came of them, and
ends with status 1 and the seed of the first mutant that did anything else.
"""

from __future__ import annotations

import io
import random
import resource
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from pydicom.data import get_testdata_file

from server.cleaning import traces
from server.cleaning.outcome import Cleaned, NeedsReview, Rejected
from server.cleaning.sniff import Foreign, Form, sniff
from server.media_worker.desk import CLEANERS
from server.media_worker.job import Job
from server.renditions.render import render
from tests.unit import films
from tests.unit.marked import MAKERS, Markers, painted
from workspace.media import Kind, MediaLimits

MEMORY_BYTES = 4 * 1024**3
NOTHING_TO_BLANK = '{"blank": [], "strokes": []}'
LENGTHS = (b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x80\x00\x00\x00")


def silent(_done: int, _total: int) -> None:
    """Nobody watches."""


def mutated(octets: bytes, chance: random.Random) -> bytes:
    """A file that was damaged in one to six places, most of them near its beginning, where the headers are."""
    made = bytearray(octets)
    for _ in range(chance.randint(1, 6)):
        if not made:
            break
        at = chance.randrange(min(len(made), chance.choice((64, 512, 4096, len(made)))))
        match chance.randrange(7):
            case 0:
                made[at] ^= 1 << chance.randrange(8)
            case 1:
                made[at] = chance.randrange(256)
            case 2:
                made[at : at + 4] = chance.choice(LENGTHS)
            case 3:
                del made[at : at + chance.randint(1, 64)]
            case 4:
                made[at:at] = chance.randbytes(chance.randint(1, 64))
            case 5:
                length = chance.randint(1, 256)
                made[at:at] = made[at : at + length]
            case _:
                del made[chance.randrange(len(made)) :]
    return bytes(made)


def overwritten(octets: bytes, chance: random.Random) -> bytes:
    """Values damaged in place: a DICOM file that is cut or shifted holds nothing that could be read."""
    made = bytearray(octets)
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(132, len(made) if chance.random() < 0.5 else min(len(made), 4096))
        made[at : at + 4] = chance.choice((*LENGTHS, chance.randbytes(1), b"9", b"-1"))[: len(made) - at]
    return bytes(made)


def document() -> bytes:
    """Two pages."""
    file = io.BytesIO()
    painted(200, 150).save(file, "PDF", save_all=True, append_images=[painted(90, 60)])
    return file.getvalue()


def dicom() -> list[bytes]:
    """Of several transfer syntaxes, one with curves and one with functional groups."""
    plain = ("CT_small.dcm", "examples_palette.dcm", "waveform_ecg.dcm", "eCT_Supplemental.dcm")
    names = (*plain, "SC_rgb_jpeg_dcmtk.dcm", "MR_small_RLE.dcm", "JPEG2000.dcm")
    paths = [get_testdata_file(name, download=False) for name in names]
    return [Path(path).read_bytes() for path in paths if isinstance(path, str)]


def originals(form: str, folder: Path) -> list[bytes]:
    """What is damaged."""
    if form in MAKERS:
        return [MAKERS[form](Markers())]
    if form in films.MAKERS:
        return [films.MAKERS[form](folder, Markers()).read_bytes()]
    return [document()] if form == "pdf" else dicom()


def tried(form: str, octets: bytes, folder: Path) -> str:
    """What came of one. Raises: AssertionError, and whatever was not caught."""
    source = folder / "source"
    source.write_bytes(octets)
    if form == "dicom":
        made = render(Cleaned(source, "application/dicom", Kind.DICOM, {}, {}), folder, silent)
        return f"{len(made.renditions)} renditions"
    found = sniff(source)
    if isinstance(found, Foreign) or found.kind is Kind.DICOM:
        return "foreign"
    job = Job(source, folder, "", MediaLimits(), decision=NOTHING_TO_BLANK)
    outcome = CLEANERS[found.kind](found, job, silent)
    match outcome:
        case Rejected():
            return outcome.reason
        case NeedsReview():
            raise AssertionError("asked again")
        case Cleaned():
            if found.kind is Kind.PHOTO:
                with Image.open(outcome.file) as image:
                    assert traces.foreign_pieces(Form(str(image.format).lower()), outcome.file) == []
            return "cleaned"


def main(form: str, count: int, seed: int, say: Callable[[str], None] = print) -> int:
    """Try `count` mutants."""
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, hard))
    came: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as place:
        given = originals(form, Path(place))
        for number in range(seed, seed + count):
            chance = random.Random(f"{form}{number}")
            with tempfile.TemporaryDirectory(dir=place) as folder:
                try:
                    damage = overwritten if form == "dicom" else mutated
                    came[tried(form, damage(chance.choice(given), chance), Path(folder))] += 1
                except BaseException as error:
                    say(f"{form}, seed {number}: {type(error).__name__}: {error}")
                    return 1
    say(f"{form}: " + ", ".join(f"{number} {name}" for name, number in came.most_common()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
