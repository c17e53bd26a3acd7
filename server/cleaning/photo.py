"""Photos: decoded, turned upright, and written anew from their pixels alone. [CLN-2] [CLN-3]

Nothing but pixels is carried over, so there is no list of what to take out that could lack something. The price is a
second encoding of what was lossy; ADR 19 says what it costs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from PIL import JpegImagePlugin
from PIL.Image import Image
from PIL.ImageFile import ImageFile

from server.cleaning import heif, large, traces
from server.cleaning.encoded import Coding, Encoded, encode, encode_animation
from server.cleaning.outcome import Cleaned, Json, Rejected, Report
from server.cleaning.pieces import Unwalkable, pieces
from server.cleaning.raster import Bounds, Raster, TooMuchInside, Unreadable, Unsupported, decoded, decoding, opened
from server.cleaning.redaction import Redaction, blank
from server.cleaning.sniff import Form
from workspace.media import Kind, Reason

FORMAT = "photo-certificate/1"
WEBP_LARGEST = 16_383
"""Pixels on a side (RFC 9649 §2.7)."""
FRAME_MILLIS = 100
"""Of a frame that does not say how long it is shown, as browsers have it."""


@dataclass(frozen=True, slots=True)
class PhotoPolicy:
    """How photos are cleaned."""

    bounds: Bounds = field(default_factory=Bounds)
    max_streamed_pixels: int = 1_000_000_000
    """Of TIFF files that are read strip by strip."""
    redaction: Redaction | None = None
    """What a person marked, in the coordinates of the upright picture."""


@dataclass(frozen=True, slots=True)
class Written:
    """A picture without anything but pixels, and how it came about."""

    encoded: Encoded
    width: int
    height: int
    bits: int
    frames: int
    seconds: float | None
    done: Mapping[str, Json]


def clean(form: Form, source: Path, folder: Path, policy: PhotoPolicy, report: Report) -> Cleaned | Rejected:
    """Write the pixels of `source`, upright and in sRGB, into a new file in `folder`. Raises: OSError of the disk."""
    report(0, 3)
    try:
        written = _write(form, source, folder / "photo", policy)
    except Unreadable:
        return Rejected(Reason.UNREADABLE)
    except Unsupported:
        return Rejected(Reason.UNSUPPORTED)
    except TooMuchInside:
        return Rejected(Reason.TOO_MUCH_INSIDE)
    report(1, 3)
    encoded = written.encoded
    words = traces.original_words(form, source)
    if traces.foreign_pieces(encoded.form, encoded.file) or traces.survivors(words, encoded.form, encoded.file):
        return Rejected(Reason.IDENTIFIERS_LEFT)
    report(2, 3)
    certificate: dict[str, Json] = {
        "format": FORMAT,
        "from": str(form),
        "to": str(encoded.form),
        "sha256_before": digest(source),
        "sha256_after": digest(encoded.file),
        "words_looked_for": len(words),
        **written.done,
    }
    report(3, 3)
    attributes: dict[str, Json] = {
        "width": written.width,
        "height": written.height,
        "bits": written.bits,
        "frames": written.frames,
        "seconds": written.seconds,
    }
    return Cleaned(encoded.file, encoded.content_type, Kind.PHOTO, attributes, certificate)


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hex. Raises: OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(form: Form, source: Path, target: Path, policy: PhotoPolicy) -> Written:
    if form is Form.TIFF and large.pixels(source) > policy.bounds.max_pixels:
        return _stream(source, target, policy)
    if form is Form.HEIC:
        picture = heif.as_png(source, target.parent, policy.bounds)
        with opened(Form.PNG, picture, policy.bounds) as image:
            raster = decoded(image)
        picture.unlink()
        return _still(raster, target, policy, 1, Coding.JPEG, 0)
    with opened(form, source, policy.bounds) as image:
        with decoding():
            frames = _count_frames(form, image)
        if frames > 1:
            return _animated(source, image, frames, target, policy)
        raster = decoded(image)
        pages = _count_pages(image) if form is Form.TIFF else 1
        coding, subsampling = _coding(form, source, image)
        return _still(raster, target, policy, pages, coding, subsampling)


def _count_frames(form: Form, image: ImageFile) -> int:
    """How many are shown one after the other. Further pages of a TIFF are not: they are previews and labels."""
    if form not in {Form.GIF, Form.WEBP, Form.PNG, Form.AVIF}:
        return 1
    frames = getattr(image, "n_frames", 1)
    return frames if isinstance(frames, int) else 1


def _count_pages(image: ImageFile) -> int:
    try:
        pages = getattr(image, "n_frames", 1)
    except Exception:  # the chain of pages is broken; the first one, which is all that is kept, was read
        return 1
    return pages if isinstance(pages, int) else 1


def _coding(form: Form, source: Path, image: ImageFile) -> tuple[Coding, int]:
    """What was lossy is written as JPEG or WebP again, everything else as PNG; and the sampling of a JPEG's colours."""
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        return Coding.JPEG, max(0, JpegImagePlugin.get_sampling(image)) if image.mode == "RGB" else 0
    match form:
        case Form.AVIF:
            return Coding.JPEG, 0
        case Form.WEBP:
            return (Coding.PNG if _is_lossless(source) else Coding.WEBP), 0
        case _:
            return Coding.PNG, 0


def _is_lossless(source: Path) -> bool:
    """Whether a WebP's pixels are coded without loss."""
    try:
        with traces.mapped(source) as data:
            return any(piece.name == "VP8L" for piece in pieces(Form.WEBP, data))
    except Unwalkable:
        return False


def _still(raster: Raster, target: Path, policy: PhotoPolicy, pages: int, coding: Coding, subsampling: int) -> Written:
    if raster.image.mode == "I;16":
        coding = Coding.PNG
    painted = raster.image if policy.redaction is None else blank(raster.image, policy.redaction)
    encoded = encode(painted, coding, target, subsampling=subsampling)
    width, height = painted.size
    done: dict[str, Json] = {
        "coding": str(coding),
        "turned_from": raster.orientation,
        "profile": "converted" if raster.had_profile else "none",
        "transparency": "on-white" if raster.had_alpha else "none",
        "pages_left_out": pages - 1,
        "blanked": 0 if policy.redaction is None else policy.redaction.count,
    }
    return Written(encoded, width, height, 16 if raster.image.mode == "I;16" else 8, 1, None, done)


def _animated(source: Path, image: ImageFile, frames: int, target: Path, policy: PhotoPolicy) -> Written:
    width, height = image.size
    bounds = policy.bounds
    if (
        max(width, height) > WEBP_LARGEST
        or frames > bounds.max_frames
        or frames * width * height > bounds.max_animated_pixels
    ):
        raise TooMuchInside(f"{frames} frames")
    is_lossy = image.format in {"WEBP", "AVIF"} and not _is_lossless(source)
    painted: list[Image] = []
    millis: list[int] = []
    for number in range(frames):
        with decoding():
            image.seek(number)
        raster = decoded(image)
        painted.append(raster.image if policy.redaction is None else blank(raster.image, policy.redaction))
        shown = image.info.get("duration")
        millis.append(min(60_000, round(shown)) if isinstance(shown, int | float) and shown >= 1 else FRAME_MILLIS)
    coding = Coding.WEBP if is_lossy else Coding.WEBP_LOSSLESS
    encoded = encode_animation([frame.convert("RGB") for frame in painted], millis, coding, target)
    width, height = painted[0].size
    done: dict[str, Json] = {
        "coding": str(coding),
        "blanked": 0 if policy.redaction is None else policy.redaction.count,
    }
    return Written(encoded, width, height, 8, frames, sum(millis) / 1000, done)


def _stream(source: Path, target: Path, policy: PhotoPolicy) -> Written:
    """A picture too large for memory, strip by strip."""
    if policy.redaction is not None:
        raise TooMuchInside("only what fits into memory can be painted on")
    with decoding():
        copied = large.copy(source, target.with_suffix(".png"), policy.max_streamed_pixels)
    done: dict[str, Json] = {"coding": "png", "streamed": True}
    encoded = Encoded(copied.file, Form.PNG, "image/png")
    return Written(encoded, copied.width, copied.height, copied.bits, 1, None, done)
