"""Files as clinicians have them: photos with a place in them, a series, an ultrasound with a name burned in."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pydicom
from imageio_ffmpeg import write_frames
from PIL import Image
from pydicom.data import get_testdata_file
from pydicom.uid import generate_uid
from skimage import data as pictures

PLACE = "Ward 7, Hôtel-Dieu"


def photo(folder: Path, name: str = "Ada Quillfeather.jpg", *, of: str = "retina", size: int = 900) -> Path:
    """A JPEG as a phone makes it: with a place, a time and the name of its owner."""
    image = Image.fromarray(getattr(pictures, of)()).convert("RGB")
    image.thumbnail((size, size))
    exif = Image.Exif()
    exif[0x010E], exif[0x013B], exif[0x0132] = PLACE, "Ada Quillfeather", "2024:02:29 10:15:30"
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 12.0), 3: "E", 4: (2.0, 20.0, 56.0)})
    path = folder / name
    image.save(path, "JPEG", exif=exif, quality=90)
    return path


def large_photo(folder: Path, name: str = "large.jpg", *, megabytes: int = 24) -> Path:
    """A photo with much behind it that is no picture: it takes long to send, and not to clean."""
    path = photo(folder, name)
    with path.open("ab") as file:
        file.write(bytes(range(256)) * (megabytes * 4096))
    return path


def series(folder: Path, slices: int, *, apart: float = 2.5, name: str = "CD") -> Path:
    """A folder of a CD: slices of one CT, its index, and what an operating system puts beside them.

    Slices are `apart` millimetres from each other, from the same place in the same body.
    """
    cd = folder / name
    (cd / "ST1" / "SE1").mkdir(parents=True)
    one = pydicom.dcmread(str(get_testdata_file("CT_small.dcm")))
    one.StudyInstanceUID, one.SeriesInstanceUID = generate_uid(), generate_uid()
    for number in range(1, slices + 1):
        one.SOPInstanceUID = one.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        one.InstanceNumber = number
        one.ImagePositionPatient = [-158.1, -179.0, -75.7 + apart * number]
        one.save_as(cd / "ST1" / "SE1" / f"IM{number:04}")
    (cd / "DICOMDIR").write_bytes(b"\0" * 128 + b"DICM")
    (cd / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    return cd


FILM_BITS = 7
"""Of the number that each frame of a film shows."""


def film(folder: Path, name: str = "echo.mp4", *, frames: int = 75, rate: int = 25) -> Path:
    """Each frame shows its number from 0: seven bars, white for a one, the highest first."""
    path = folder / name
    writer = write_frames(path, (40 * FILM_BITS, 160), fps=rate, macro_block_size=1, output_params=["-bf", "2"])
    writer.send(None)
    for number in range(frames):
        bars = [255 if number >> bit & 1 else 0 for bit in reversed(range(FILM_BITS))]
        row = np.repeat(np.array(bars, np.uint8), 40)
        writer.send(np.ascontiguousarray(np.broadcast_to(row[None, :, None], (160, row.size, 3))))
    writer.close()
    return path


def ultrasound(folder: Path) -> Path:
    """A real one, with a hospital burned into its pixels."""
    spec = find_spec("data_store")
    assert spec is not None
    assert spec.origin is not None
    path = folder / "US.dcm"
    path.write_bytes((Path(spec.origin).parent / "data" / "US1_UNCI.dcm").read_bytes())
    return path
