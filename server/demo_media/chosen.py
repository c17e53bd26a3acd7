"""Which images go where, and what the people of the demo say of them.

They lie in packages: pydicom's and pydicom-data's test files, and scikit-image's pictures. `docs/demo-media.md` says of
each where it comes from and on what terms. All were looked at: none shows a name. Sides are those that a file states;
nothing is turned or mirrored.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

NOT_OURS = "(Public test data.)"
"""Follows every caption: no picture is of the fictional patient."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """An image that somebody of the demo adds to a case, and shows in the record's text."""

    case: str
    by: str
    package: str
    file: str
    """In the package's folder."""
    caption: str
    alt: str
    section: str = "imaging"
    behind: str = ""
    """A part of the paragraph, or list, after which the text shows it."""
    is_left_for_review: bool = False
    """It has writing in it that nobody of the demo has looked at yet: whoever tries the demo may."""


CHOSEN: Sequence[Chosen] = (
    Chosen(
        "thunderclap",
        "amara",
        "skimage",
        "data/retina.jpg",
        "Fundus: the disc is sharp, no haemorrhage.",
        "Round orange view of the back of an eye; the pale optic disc has a sharp edge, vessels branch from it, the "
        "macula is a darker spot in the middle. No haemorrhage.",
        "examination",
        "Fundi: discs sharp",
    ),
    Chosen(
        "thunderclap",
        "jonas",
        "pydicom",
        "data/test_files/J2K_pixelrep_mismatch.dcm",
        "CT head without contrast, posterior fossa: no blood in the cisterns.",
        "Axial CT slice through the pons and the cerebellum. The basal cisterns and the fourth ventricle are dark, "
        "nothing bright is in them; both temporal lobes look alike.",
        behind="No blood in the cisterns",
    ),
    Chosen(
        "eosinophilia",
        "jonas",
        "data_store",
        "data/RG1_J2KR.dcm",
        "Chest X-ray on admission: rounded opacities on both sides.",
        "Frontal chest X-ray with many rounded shadows of one to four centimetres in both lungs; the heart is not "
        "enlarged.",
        behind="Rounded opacities in all zones",
    ),
    Chosen(
        "eosinophilia",
        "meihua",
        "data_store",
        "data/RG3_J2KR.dcm",
        "Lower leg, frontal: right, as the file says; its R is stored mirrored.",
        "Frontal X-ray of the lower half of a shin with the ankle. No fracture; in the lower tibia, a lucent area of "
        "several bubbles with a thin dense rim. At the edge a letter R, mirrored.",
        behind="He tripped over the left foot",
    ),
    Chosen(
        "eosinophilia",
        "jonas",
        "pydicom",
        "data/test_files/waveform_ecg.dcm",
        "ECG a year ago, to compare: sinus rhythm, T upright in V3 to V6.",
        "Twelve leads on squared paper, ten seconds: regular narrow beats, about 60 a minute, each with a P wave; T is "
        "upright in V3 to V6.",
        "investigations",
        "ECG: sinus tachycardia",
    ),
    Chosen(
        "eosinophilia",
        "meihua",
        "pydicom",
        "data/test_files/examples_ybr_color.dcm",
        "Echocardiogram, apical view, moving.",
        "Moving ultrasound sector: the chambers of the heart seen from the apex, the valve between them opening and "
        "closing.",
        behind="Left ventricle not dilated",
    ),
    Chosen(
        "eosinophilia",
        "jonas",
        "pydicom",
        "data/test_files/examples_jpeg2k.dcm",
        "Ultrasound of a lymph node: it waits for somebody who looks at the writing in it",
        "",
        is_left_for_review=True,
    ),
)


def found(chosen: Chosen) -> Path | None:
    """Its file, if the package is there."""
    spec = importlib.util.find_spec(chosen.package)
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / chosen.file
    return path if path.is_file() else None
