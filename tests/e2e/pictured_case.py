"""A case with images and files: a gallery, something on its way, something that a person has to look at.

No store is asked: addresses are signed for one that is not there, and browsers are given pictures in its place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from io import BytesIO

import pydicom
from PIL import Image, ImageDraw
from playwright.sync_api import BrowserContext, Route
from pydicom.data import get_testdata_file
from skimage import data as pictures

from server.demo import FictionalCase
from server.demo_record import record_from
from storage.ports import Holder, Made, NewCase, ObjectKey, Rendition, Shape, Stores, Upload
from workspace.case import CaseState, Role
from workspace.ids import DocumentKind, DocumentName, FileId, MediaId, Millis, PersonId, UploadId
from workspace.media import Kind, MediaLimits, Reason, UploadState

PICTURED = FictionalCase(
    "pictured",
    "Sudden loss of vision, and a headache",
    {"jonas": Role.LEAD, "amara": Role.CONTRIBUTOR, "meihua": Role.CONSULTANT},
)
STORE = "http://127.0.0.1:9"
"""The port to which everything may be sent, and nothing answers."""
SETTINGS = {
    "CONSILIUM_S3_ENDPOINT": STORE,
    "CONSILIUM_S3_ACCESS_KEY": "pictures",
    "CONSILIUM_S3_SECRET_KEY": "not a secret of anybody",
    # What waits here is to be seen waiting: a worker would take some of it before it is all there.
    "CONSILIUM_MEDIA_WORKERS": "0",
}
MINUTE = 60_000
TEXT = """# summary

A 67-year-old woman saw a grey curtain fall over her left eye at breakfast.

# imaging

Fundus photograph and CT of the head, in the gallery.
"""
DICOM = json.dumps(
    {
        "engine": "consilium-dicom/1",
        "edition": "2024b",
        "actions": {"removed": 31, "emptied": 9, "replaced": 4, "date-shifted": 6},
        "uids_replaced": 11,
        "proof": {},
        "sha256_after": "5e" * 32,
    }
)
PHOTO = json.dumps({"format": "photo-certificate/1", "blanked": 0, "sha256_after": "3c" * 32})
TYPES = {Kind.VIDEO: "video/mp4", Kind.PDF: "application/pdf", Kind.DICOM: "application/dicom"}
GALLERY = (
    (Kind.PHOTO, "retina", "Left fundus, two hours after", "A pale retina with a cherry-red spot at the fovea.", None),
    (Kind.DICOM, "slice", "CT of the head without contrast", "", 24),
    (Kind.PHOTO, "immunohistochemistry", "Temporal artery biopsy", "Giant cells along the inner elastic lamina.", None),
    (Kind.VIDEO, "coins", "Carotid ultrasound", "Flow in the left internal carotid, no plaque.", 12.4),
    (Kind.PDF, "letter", "Discharge, eye clinic", "Three paragraphs: findings, thoughts, advice.", None),
    (Kind.ECG, "leads", "ECG on arrival", "Sinus rhythm, 78 a minute, no signs of ischaemia.", None),
)
"""Kind, the picture, caption, description; of DICOM the number of slices, of a film its seconds."""
ON_THE_WAY = (
    (UploadState.REJECTED, Reason.REPORT, "SR000001"),
    (UploadState.REJECTED, Reason.REPORT, "SR000002"),
    (UploadState.REJECTED, Reason.ENCRYPTED, "discharge.pdf"),
    (UploadState.REQUESTED, None, "echo.mp4"),
)
SEEKER = UploadId("p" * 15 + "q")


def _id(letter: str, number: int) -> str:
    return f"{letter * 14}{'abcdefgh'[number // 8]}{'abcdefgh'[number % 8]}"


async def put_pictures(stores: Stores, people: Mapping[str, PersonId], now: Millis) -> None:
    """The case and its gallery, as Amara put it there; hers is also what is on its way."""
    begun, amara = Millis(now - 3 * 60 * MINUTE), people["amara"]
    seeds = {DocumentName(DocumentKind.RECORD.value): record_from(TEXT)}
    await stores.cases.create(NewCase(PICTURED.id, PICTURED.title, people["jonas"], CaseState.OPEN, begun, seeds))
    for key, role in PICTURED.members.items():
        await stores.cases.set_member(PICTURED.id, people[key], role, begun)
    number = 0
    for place, (kind, picture, caption, alt, much) in enumerate(GALLERY):
        for _ in range(much if isinstance(much, int) else 1):
            await _put(stores, amara, number, place, kind, picture, much, Millis(begun + place * MINUTE))
            number += 1
        medium = await stores.gallery.find(PICTURED.id, MediaId(_id("m", place)))
        assert medium is not None
        await stores.gallery.describe(medium, caption, alt)
    for state, reason, name in ON_THE_WAY:
        sent = await _begin(stores, amara, number, name, now)
        number += 1
        if state is not UploadState.REQUESTED:
            await stores.uploads.change(sent, replace(sent, state=state, reason=reason))
    await _ask_to_look(stores, amara, now)


async def _begin(stores: Stores, person: PersonId, number: int, name: str, at: Millis) -> Upload:
    key = UploadId(_id("u", number))
    upload = Upload(key, PICTURED.id, person, name, 400_000, bytes([number]) * 32, at, at)
    [begun] = await stores.uploads.begin([upload], MediaLimits())
    assert isinstance(begun, Upload)
    return begun


async def _put(
    stores: Stores, person: PersonId, number: int, place: int, kind: Kind, picture: str, much: object, at: Millis
) -> None:
    begun = await _begin(stores, person, number, "IM", at)
    await stores.uploads.change(begun, replace(begun, state=UploadState.QUARANTINED))
    claim = await stores.upload_work.claim(Holder("pictures"), 60)
    assert claim is not None
    width, height = drawn(picture).size
    stem = f"media/{PICTURED.id}/{_id('m', place)}/{number}/{picture}"
    shown = [
        Rendition(role, ObjectKey(f"{stem}/{role}"), 1, b"r" * 32, "image/jpeg", width, height)
        for role in ("thumbnail", "preview")
    ]
    made = Made(
        FileId(_id("f", number)),
        MediaId(_id("m", place)),
        kind,
        f"series {place}" if kind is Kind.DICOM else None,
        ObjectKey(f"{stem}/{number}"),
        400_000,
        bytes([number + 100]) * 32,
        TYPES.get(kind, "image/jpeg"),
        "{}",
        Shape(width, height, 1, much if isinstance(much, float) else None),
        shown,
        DICOM if kind is Kind.DICOM else PHOTO,
        bytes([number + 50]) * 32,
        at,
    )
    await stores.upload_work.accept(claim, made)


async def _ask_to_look(stores: Stores, person: PersonId, now: Millis) -> None:
    upload = Upload(SEEKER, PICTURED.id, person, "US000017.dcm", 900_000, b"~" * 32, now, now)
    [begun] = await stores.uploads.begin([upload], MediaLimits())
    assert isinstance(begun, Upload)
    await stores.uploads.change(begun, replace(begun, state=UploadState.QUARANTINED))
    claim = await stores.upload_work.claim(Holder("pictures"), 60)
    assert claim is not None
    width, height = drawn("labelled").size
    key = f"quarantine/{PICTURED.id}/{SEEKER}.review/labelled"
    review = {
        "pictures": [{"key": key, "frame": None, "width": width, "height": height}],
        "suggested": [{"frame": None, "x": 14, "y": 12, "width": 300, "height": 30}],
    }
    asked = replace(
        claim.upload,
        state=UploadState.NEEDS_REVIEW,
        reason=Reason.MAY_SHOW_TEXT,
        kind=Kind.DICOM,
        review=json.dumps(review),
    )
    await stores.upload_work.settle(claim, asked)


@cache
def drawn(name: str) -> Image.Image:
    """One of scikit-image's, or a grey one with an invented name written into it."""
    if name == "slice":
        return _slice()
    if name in ("letter", "leads"):
        return _letter() if name == "letter" else _leads()
    if name != "labelled":
        image = Image.fromarray(getattr(pictures, name)()).convert("RGB")
        image.thumbnail((640, 640))
        return image
    image = drawn("coins").resize((640, 504))
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, 640, 54), "black")
    pen.text((18, 16), "QUILLFEATHER ADA   03.04.1931", "white", font_size=17)
    return image


def _slice() -> Image.Image:
    """Of pydicom's CT, in the window of soft tissue."""
    pixels = pydicom.dcmread(str(get_testdata_file("CT_small.dcm"))).pixel_array.astype("float32")
    grey = ((pixels - 880) / 400).clip(0, 1) * 255
    return Image.fromarray(grey.astype("uint8")).convert("RGB").resize((512, 512), Image.Resampling.BICUBIC)


def _letter() -> Image.Image:
    """A page with grey lines where words would be."""
    page = Image.new("RGB", (452, 640), "white")
    pen = ImageDraw.Draw(page)
    for line in range(24):
        if line % 8 != 7:
            pen.rectangle((56, 110 + 18 * line, 396 - (line * 97) % 60, 117 + 18 * line), "#5b6770")
    pen.rectangle((56, 56, 220, 68), "#22303a")
    return page


def _leads() -> Image.Image:
    """Three leads on pink paper."""
    paper = Image.new("RGB", (640, 400), "#fff4f2")
    pen = ImageDraw.Draw(paper)
    for at in range(0, 640, 10):
        color = "#f0b8b0" if at % 50 == 0 else "#f8dcd8"
        pen.line((at, 0, at, 400), color)
        pen.line((0, at, 640, at), color)
    beat = [0, 0, 0, 3, 6, 3, 0, 0, -4, 46, -12, 0, 0, 0, 4, 9, 11, 8, 3, 0, 0, 0, 0, 0, 0]
    for lead, base in enumerate((90, 210, 330)):
        points = [(x * 5, base - beat[x % len(beat)] * (1 + lead * 0.3)) for x in range(128)]
        pen.line(points, "#1a1a1a", 2)
    return paper


def stand_in(context: BrowserContext) -> None:
    """Give this browser pictures where it asks the store for them."""

    def give(route: Route) -> None:
        path = route.request.url.split("?", 1)[0].split("/")
        names = {picture for _, picture, *_ in GALLERY} | {"labelled"}
        name = next(each for each in path if each in names)
        content = BytesIO()
        drawn(name).save(content, "JPEG", quality=85)
        route.fulfill(body=content.getvalue(), content_type="image/jpeg")

    context.route(f"{STORE}/**", give)
