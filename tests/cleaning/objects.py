"""Small DICOM objects, written by pydicom, and what cleaning makes of them."""

from __future__ import annotations

import warnings
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from server.cleaning.dicom import clean_dicom
from tests.cleaning.markers import STORAGE, written
from workspace.deidentification.outcome import Certificate, Cleaned, NeedsReview, Outcome
from workspace.deidentification.policy import CasePolicy

SECRET = b"a secret of sixteen bytes or more"
USUAL = CasePolicy(SECRET)
STRICT = CasePolicy(SECRET, keep_dates=False, keep_patient_characteristics=False)
HTJ2K_FILES = Path(__file__).parents[1] / "files" / "htj2k"
ODD_FILES = Path(pydicom.__file__).parent / "data" / "test_files"
"""Files that pydicom ships to test itself."""
CT, US, US_CINE, SC, MR = (f"{STORAGE}{each}" for each in ("2", "6.1", "3.1", "7", "4"))


def real_files() -> Path:
    """Where the package `pydicom-data` keeps larger ones."""
    spec = find_spec("data_store")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "data"


def image(sop_class: str = CT, modality: str = "CT", frames: int = 1, rows: int = 16, columns: int = 24) -> Dataset:
    """An image of one sample a pixel, with a patient."""
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 100"
    dataset.SOPClassUID, dataset.SOPInstanceUID = sop_class, "1.2.826.0.1.3680043.9.1"
    dataset.StudyDate, dataset.StudyTime, dataset.Modality = "20240229", "101530", modality
    dataset.Manufacturer, dataset.StudyDescription = "Maker of Scanners", "Thorax of Mrs Quillfeather"
    dataset.PatientName, dataset.PatientID, dataset.PatientBirthDate = "Quillfeather^Ada", "QF-4711-X", "19310403"
    dataset.PatientSex, dataset.PatientAge = "F", "092Y"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2.826.0.1.3680043.9.2", "1.2.826.0.1.3680043.9.3"
    dataset.FrameOfReferenceUID, dataset.StudyID = "1.2.826.0.1.3680043.9.4", "47"
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.Rows, dataset.Columns = rows, columns
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 8, 8, 7, 0
    if frames > 1:
        dataset.NumberOfFrames = frames
    shades = np.random.default_rng(7).integers(1, 255, rows * columns * frames, dtype=np.uint8)
    dataset.add(DataElement(0x7FE00010, "OB", shades.tobytes()))
    return dataset


def item(**attributes: object) -> Sequence:
    """A sequence of one item."""
    dataset = Dataset()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return Sequence([dataset])


def clean(folder: Path, source: Dataset | bytes, policy: CasePolicy = USUAL) -> tuple[Outcome, Path]:
    """Writes `source` to a file and cleans it."""
    path = folder / "original.dcm"
    path.write_bytes(written(source) if isinstance(source, Dataset) else source)
    target = folder / "cleaned.dcm"
    return clean_dicom(path, target, policy), target


def taken(folder: Path, source: Dataset | bytes, policy: CasePolicy = USUAL) -> tuple[Certificate, Dataset]:
    """The certificate and the cleaned object of one that is taken."""
    outcome, target = clean(folder, source, policy)
    assert isinstance(outcome, (Cleaned, NeedsReview)), outcome
    return outcome.certificate, load(target)


def load(path: Path) -> Dataset:
    """What pydicom reads, whole."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = pydicom.dcmread(path)
        dataset.decode()
    return dataset
