"""What cleaning DICOM costs: `python -m bench.cleaning`, each measurement in a process of its own, on this machine."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from server.cleaning.dicom import clean_dicom
from workspace.deidentification.outcome import Cleaned
from workspace.deidentification.policy import CasePolicy

SLICES = 200
SECRET = b"a secret of sixteen bytes"
CT, CINE = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.3.1"
SIDE = 512


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took."""

    what: str
    megabytes: float
    seconds: float
    busy_seconds: float
    """Of a processor, user and system time."""
    peak_mib: float


def main() -> int:
    """Prints a table in Markdown."""
    if len(sys.argv) > 1:
        return _clean(Path(sys.argv[1]))
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        costs = [
            _measure("nothing: Python, NumPy and pydicom", scratch, lambda folder: None),
            _measure(f"a series of {SLICES} CT slices, 512 × 512, 16 bit", scratch, _series),
            _measure(
                "a CT in one file of 1 GiB (2,048 frames)",
                scratch,
                lambda folder: write_image(folder / "one", CT, frames=2048),
            ),
            _measure("an ultrasound cine of 1 GiB, blanked around its region", scratch, _cine),
        ]
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}\n")
    print("| | MB | seconds | of a processor | MB a second of it | most memory, MiB |\n|---|---:|---:|---:|---:|---:|")
    for each in costs:
        rate = f"{each.megabytes / each.busy_seconds:.0f}" if each.megabytes else ""
        figures = f"{each.megabytes:.0f} | {each.seconds:.1f} | {each.busy_seconds:.1f} | {rate} | {each.peak_mib:.0f}"
        print(f"| {each.what} | {figures} |")
    return 0


def _measure(what: str, scratch: str, make: Callable[[Path], None]) -> Cost:
    with tempfile.TemporaryDirectory(dir=scratch) as name:
        folder = Path(name)
        make(folder)
        size = sum(path.stat().st_size for path in folder.iterdir())
        ran = subprocess.run([sys.executable, "-m", "bench.cleaning", name], capture_output=True, check=True, text=True)
    seconds, busy, peak = ran.stdout.split()
    return Cost(what, size / 1e6, float(seconds), float(busy), float(peak) / 1024)


def _clean(folder: Path) -> int:
    """In the child: cleans all there is, and says how long that took and the most memory it ever had, in KiB."""
    start, busy = time.perf_counter(), time.process_time()
    for path in sorted(folder.iterdir()):
        outcome = clean_dicom(path, folder / "cleaned", CasePolicy(SECRET))
        assert isinstance(outcome, Cleaned), outcome
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    peak = next(line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
    print(seconds, busy, peak)
    return 0


def _series(folder: Path) -> None:
    for number in range(SLICES):
        write_image(folder / f"{number:04}", CT)


def _cine(folder: Path) -> None:
    write_image(folder / "one", CINE, frames=2048)


def phantom(number: int) -> bytes:
    """A slice of something round in air, with the noise of a scanner: 12 bits of 16."""
    rows, columns = np.mgrid[:SIDE, :SIDE] - SIDE // 2
    body = (rows**2 + columns**2 < (SIDE // 3 + number % 50) ** 2) * 1000
    noise = np.random.default_rng(number).normal(0, 12, (SIDE, SIDE))
    return bytes(np.clip(body + noise + 24, 0, 4095).astype("<u2").tobytes())


def write_image(path: Path, sop_class: str, *, frames: int = 1, number: int = 1, frame: bytes | None = None) -> None:
    """An image with the header of a usual one, written frame by frame: one of a series, noise where none is given."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID = sop_class, f"1.2.826.0.1.3680043.9.{number}.{frames}"
    dataset.InstanceNumber, dataset.ImageOrientationPatient = number, [1, 0, 0, 0, 1, 0]
    dataset.ImagePositionPatient, dataset.PixelSpacing = [0, 0, 1.5 * number], [0.7, 0.7]
    dataset.Modality = "US" if sop_class == CINE else "CT"
    dataset.PatientName, dataset.PatientID, dataset.PatientBirthDate = "Quillfeather^Ada", "QF-4711-X", "19310403"
    dataset.StudyDate, dataset.StudyTime, dataset.AccessionNumber = "20240229", "101530", "A-2024-0815"
    dataset.InstitutionName, dataset.ReferringPhysicianName = "Hospital of the Hill", "Marrow^Bo"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2.826.0.1.3680043.9.2", "1.2.826.0.1.3680043.9.3"
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.Rows, dataset.Columns = (
        1,
        "MONOCHROME2",
        SIDE,
        SIDE,
    )
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 12, 11, 0
    dataset.NumberOfFrames = frames
    if sop_class == CINE:
        region = Dataset()
        region.RegionLocationMinX0, region.RegionLocationMinY0 = 40, 60
        region.RegionLocationMaxX1, region.RegionLocationMaxY1 = 470, 500
        dataset.SequenceOfUltrasoundRegions = [region]
    frame = frame or np.random.default_rng(7).integers(0, 4096, (SIDE, SIDE), dtype=np.uint16).tobytes()
    dataset.add(DataElement(0x7FE00010, "OW", b""))
    dataset.save_as(path, enforce_file_format=True)
    with path.open("r+b") as file:
        file.seek(-4, 2)
        file.write((len(frame) * frames).to_bytes(4, "little"))
        for _ in range(frames):
            file.write(frame)


if __name__ == "__main__":
    sys.exit(main())
