"""Pictures as pixels: decoded by Pillow within bounds, upright, in sRGB, without anything beside them. [CLN-2] [CLN-4]

The reader of the sniffed form is called by name: Pillow's own guessing would let a file choose among forty readers, and
its JPEG reader would hand out the second picture of a file with two.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    ImageCms,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
from PIL.Image import Image, Transpose, new
from PIL.ImageFile import ImageFile

from server.cleaning.sniff import Form

READERS: dict[Form, type[ImageFile]] = {
    Form.JPEG: JpegImagePlugin.JpegImageFile,
    Form.PNG: PngImagePlugin.PngImageFile,
    Form.WEBP: WebPImagePlugin.WebPImageFile,
    Form.GIF: GifImagePlugin.GifImageFile,
    Form.TIFF: TiffImagePlugin.TiffImageFile,
    Form.BMP: BmpImagePlugin.BmpImageFile,
    Form.AVIF: AvifImagePlugin.AvifImageFile,
}
ORIENTATION = 0x0112
UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
"""By the orientation that EXIF gives."""
GREY_16 = {"I;16", "I;16L", "I;16B", "I;16N"}
WHITE = 255


class Unreadable(Exception):
    """Damaged, cut off, or not what its first bytes say."""


class Unsupported(Exception):
    """Of a known form, with pixels of a kind that is not taken."""


class TooMuchInside(Exception):
    """More pixels or frames than the bounds allow."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much one picture may hold. Pillow needs four bytes a pixel, at times for two pictures at once."""

    max_pixels: int = 120_000_000
    """What today's largest phone cameras but one make; 1 GB at the worst moment."""
    max_frames: int = 1_000
    max_animated_pixels: int = 120_000_000
    """Over all frames together."""


@dataclass(frozen=True, slots=True)
class Raster:
    """One picture, decoded. `image` is `L`, `RGB` or `I;16` and carries nothing but pixels."""

    image: Image
    orientation: int
    """As EXIF numbers it; applied already."""
    had_profile: bool
    had_alpha: bool


@contextmanager
def decoding() -> Iterator[None]:
    """Whatever a decoder says of a hostile file is one answer. Raises: Unreadable, TooMuchInside."""
    try:
        with warnings.catch_warnings():
            # Pillow warns of what it could not make sense of in metadata, which nobody keeps.
            warnings.simplefilter("ignore")
            yield
    except (Unreadable, Unsupported, TooMuchInside):
        raise
    except MemoryError as error:
        raise TooMuchInside from error
    except Exception as error:
        raise Unreadable(type(error).__name__) from error


@contextmanager
def opened(form: Form, path: Path, bounds: Bounds) -> Iterator[ImageFile]:
    """A picture whose header was read and whose pixels were not. Raises: what `decoding` does; OSError of the disk."""
    reader = READERS.get(form)
    if reader is None:
        raise Unsupported(form)
    with path.open("rb") as file:
        with decoding():
            image = reader(file)
            width, height = image.size
            if width < 1 or height < 1:
                raise Unreadable("no pixels")
            if width * height > bounds.max_pixels:
                raise TooMuchInside(f"{width} x {height}")
        yield image


def decoded(image: Image) -> Raster:
    """The frame at which `image` stands. Raises: what `decoding` does, and Unsupported."""
    with decoding():
        image.load()
        profile = image.info.get("icc_profile")
        # Pillow turns TIFF files itself, and says 1 afterwards.
        turn = image.getexif().get(ORIENTATION, 1)
        orientation = turn if turn in UPRIGHT else 1
        has_alpha = image.has_transparency_data
        plain = in_srgb(opaque(image), profile if isinstance(profile, bytes) else None)
        if orientation != 1:
            plain = plain.transpose(UPRIGHT[orientation])
        elif plain is image:
            # The next frame of an animation is painted over this one.
            plain = image.copy()
        plain.info = {}
        return Raster(plain, orientation, bool(profile), has_alpha)


def opaque(image: Image) -> Image:
    """On white, where one could see through. What was painted under a transparent place is gone with it."""
    if not image.has_transparency_data or image.mode in GREY_16:
        return image
    seen = image.convert("RGBA")
    ground = new("RGB", image.size, (WHITE, WHITE, WHITE))
    ground.paste(seen, mask=seen.getchannel("A"))
    if image.mode in {"L", "LA", "1"}:
        return ground.convert("L")
    return ground


def in_srgb(image: Image, profile: bytes | None) -> Image:
    """The colours as sRGB, 16 bit grey as it is. A profile that cannot be read is passed over, as browsers do.

    Raises: Unsupported.
    """
    if image.mode in GREY_16:
        return image.convert("I;16")
    if image.mode in {"1", "L", "LA"}:
        return image.convert("L")
    if image.mode == "I":
        lowest, highest = image.getextrema()
        if not (isinstance(lowest, int | float) and isinstance(highest, int | float)):
            raise Unsupported(image.mode)
        if lowest < 0 or highest > 0xFFFF:
            raise Unsupported("32 bit grey")
        return image.convert("I;16")
    if image.mode == "F":
        raise Unsupported("floating point")
    if image.mode in {"P", "PA", "RGBA", "RGBX", "RGBa", "YCbCr", "HSV"}:
        image = image.convert("RGB")
    if image.mode in {"RGB", "CMYK", "LAB"} and (profile or image.mode == "LAB"):
        image = _converted(image, profile)
    return image if image.mode == "RGB" else image.convert("RGB")


def _converted(image: Image, profile: bytes | None) -> Image:
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile)) if profile else ImageCms.createProfile("LAB")
        wanted = ImageCms.createProfile("sRGB")
        turn = ImageCms.buildTransform(own, wanted, image.mode, "RGB", ImageCms.Intent.RELATIVE_COLORIMETRIC)
        if image.mode == "RGB" and _changes_nothing(turn):
            return image
        return ImageCms.applyTransform(image, turn) or image
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image


def _changes_nothing(turn: ImageCms.ImageCmsTransform) -> bool:
    """Whether the profile is sRGB under whatever name: what was lossless stays so."""
    steps = range(0, 256, 51)
    probe = new("RGB", (len(steps) ** 3, 1))
    probe.putdata([(red, green, blue) for red in steps for green in steps for blue in steps])
    changed = ImageCms.applyTransform(probe, turn)
    if changed is None:
        return True
    return all(abs(was - is_now) <= 1 for was, is_now in zip(probe.tobytes(), changed.tobytes(), strict=True))
