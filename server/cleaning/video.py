"""Videos: the coded pictures go into a new container, or are encoded anew where browsers would not play them. [CLN-8]

What is copied is filtered: messages inside the stream are left out. Sound is left out unless it is asked for. ADR 19
says why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile

from PIL.Image import new

from server.cleaning import ffmpeg, remains
from server.cleaning.boxes import ebml_elements, mp4_boxes, riff_chunks
from server.cleaning.ffmpeg import Failed, Means, TookTooLong
from server.cleaning.outcome import Cleaned, Json, Rejected, Report
from server.cleaning.photo import digest
from server.cleaning.pieces import Unwalkable
from server.cleaning.redaction import Redaction, mask
from server.cleaning.sniff import Form
from server.cleaning.streams import Pictures, Streams, streams
from workspace.media import Kind, Reason

FORMAT = "video-certificate/1"
COPIED = {
    "h264": (Form.MP4, "filter_units=remove_types=6|12"),
    "vp8": (Form.MATROSKA, "null"),
    "vp9": (Form.MATROSKA, "null"),
    "av1": (Form.MATROSKA, "filter_units=remove_types=5"),
}
"""What browsers play, the container it goes into, and the filter that takes out messages: SEI and filler (H.264
§7.4.1), metadata OBUs (AV1 §6.7)."""
PLAIN = {"yuv420p", "yuvj420p"}
"""8 bits, 4:2:0: what every browser decodes."""
WIDE_RANGE = ("arib-std-b67", "smpte2084")
"""Transfer curves of HDR, which would look washed out on a screen that knows none."""
TONES = (
    "zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv,"
    "format=yuv420p"
)
EVEN = "scale=trunc(iw/2)*2:trunc(ih/2)*2"
QUALITY = "20"
"""x264's constant rate factor: what most people take for the original."""
STEPS = 1_000
BARE = [
    "-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn",
    "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact",
]  # fmt: skip
SUFFIXES = {Form.MP4: ("mp4", "video/mp4"), Form.MATROSKA: ("webm", "video/webm")}


@dataclass(frozen=True, slots=True)
class VideoPolicy:
    """How videos are cleaned."""

    keep_sound: bool = False
    """A voice is an identifier, and says names."""
    means: Means = field(default_factory=Means)
    redaction: Redaction | None = None
    """What a person marked on a picture, upright; it is rewritten in all of them."""
    max_seconds: float = 4 * 3600.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How one video is made anew."""

    container: Form
    is_copied: bool
    filter: str
    """A bitstream filter of what is copied, picture filters of what is encoded."""
    sound: int | None


def clean(form: Form, source: Path, folder: Path, policy: VideoPolicy, report: Report) -> Cleaned | Rejected:
    """Write what is to be seen in `source` into a new MP4 or WebM in `folder`. Raises: OSError, what `report` does."""
    report(0, STEPS)
    try:
        if not is_whole(form, source):
            return Rejected(Reason.UNREADABLE, "cut off")
        found = streams(form, source)
        if found.pictures is None:
            return Rejected(Reason.UNSUPPORTED, "no pictures")
        if found.seconds is not None and found.seconds > policy.max_seconds:
            return Rejected(Reason.TOO_MUCH_INSIDE)
        return _made(form, source, folder, policy, report, found, found.pictures)
    except TookTooLong:
        return Rejected(Reason.TOOK_TOO_LONG)
    except Failed:
        return Rejected(Reason.UNREADABLE)


def is_whole(form: Form, source: Path) -> bool:
    """Whether every part of the container lies within the file. Raises: OSError."""
    walk = {Form.MP4: mp4_boxes, Form.MATROSKA: ebml_elements, Form.AVI: riff_chunks}[form]
    try:
        with source.open("rb") as file:
            return any(True for _ in walk(file)) and all(True for _ in walk(file))
    except Unwalkable:
        return False


def _made(
    form: Form,
    source: Path,
    folder: Path,
    policy: VideoPolicy,
    report: Report,
    found: Streams,
    pictures: Pictures,
) -> Cleaned | Rejected:
    plan = planned(found, pictures, policy)
    file = folder / f"video.{SUFFIXES[plan.container][0]}"
    at = _progress(report, found.seconds)
    _write(form, source, folder, file, plan, pictures, policy, at)
    made = streams(plan.container, file)
    if plan.is_copied and not _plays(made):
        # It was not what it was said to be.
        plan = _encoded(found, pictures, policy)
        file = folder / f"video.{SUFFIXES[plan.container][0]}"
        _write(form, source, folder, file, plan, pictures, policy, at)
        made = streams(plan.container, file)
    if made.pictures is None or not _plays(made) or not _shows_something(plan.container, file):
        return Rejected(Reason.UNREADABLE)
    if found.seconds is not None and (made.seconds or 0) < min(found.seconds - 2, found.seconds * 0.9):
        return Rejected(Reason.UNREADABLE, "ends too early")
    left = remains.foreign_boxes(plan.container, file)
    words = remains.original_words(form, source)
    if left or remains.survivors(words, plan.container, file):
        return Rejected(Reason.IDENTIFIERS_LEFT, " ".join(left) or None)
    certificate: dict[str, Json] = {
        "format": FORMAT,
        "from": str(form),
        "to": SUFFIXES[plan.container][0],
        "codec_before": pictures.codec,
        "codec": made.pictures.codec,
        "pictures": "copied" if plan.is_copied else "encoded",
        "sound": "encoded" if plan.sound is not None else "none" if found.sound is None else "left-out",
        "streams_left_out": found.others + (found.sound is not None and plan.sound is None),
        "blanked": _marks(policy),
        "words_looked_for": len(words),
        "sha256_before": digest(source),
        "sha256_after": digest(file),
    }
    report(STEPS, STEPS)
    is_sideways = abs(made.pictures.turned) % 180 == 90
    width, height = made.pictures.width, made.pictures.height
    attributes: dict[str, Json] = {
        "width": height if is_sideways else width,
        "height": width if is_sideways else height,
        "seconds": made.seconds,
        "frames_per_second": made.pictures.rate,
        "codec": made.pictures.codec,
        "has_sound": plan.sound is not None,
    }
    return Cleaned(file, SUFFIXES[plan.container][1], Kind.VIDEO, attributes, certificate)


def planned(found: Streams, pictures: Pictures, policy: VideoPolicy) -> Plan:
    """Copied where browsers play it and nothing has to be painted, else encoded."""
    known = COPIED.get(pictures.codec)
    if known is None or pictures.pixels not in PLAIN or _marks(policy):
        return _encoded(found, pictures, policy)
    container, messages = known
    if container is Form.MATROSKA and pictures.turned:  # players of WebM do not turn
        return _encoded(found, pictures, policy)
    return Plan(container, is_copied=True, filter=messages, sound=found.sound if policy.keep_sound else None)


def _marks(policy: VideoPolicy) -> int:
    return 0 if policy.redaction is None else policy.redaction.count


def _encoded(found: Streams, pictures: Pictures, policy: VideoPolicy) -> Plan:
    tones = f"{TONES}," if any(curve in pictures.colours for curve in WIDE_RANGE) else ""
    return Plan(Form.MP4, is_copied=False, filter=f"{tones}{EVEN}", sound=found.sound if policy.keep_sound else None)


def _progress(report: Report, seconds: float | None) -> Callable[[float], None]:
    def at(written: float) -> None:
        report(min(STEPS - 1, round(STEPS * written / seconds)) if seconds else 0, STEPS)

    return at


def _write(
    form: Form,
    source: Path,
    folder: Path,
    file: Path,
    plan: Plan,
    pictures: Pictures,
    policy: VideoPolicy,
    at: Callable[[float], None],
) -> None:
    arguments = ffmpeg.source(form, source)
    sound = ["-an"] if plan.sound is None else ["-map", f"0:{plan.sound}", *_sound(plan.container)]
    if plan.is_copied:
        shown = ["-map", f"0:{pictures.number}", "-c:v", "copy", "-bsf:v", plan.filter]
    else:
        coding = ["-c:v", "libx264", "-preset", "veryfast", "-crf", QUALITY, "-pix_fmt", "yuv420p", "-threads", "2"]
        coding += ["-bsf:v", COPIED["h264"][1]]
        if not _marks(policy):
            shown = ["-map", f"0:{pictures.number}", "-vf", plan.filter, *coding]
        else:
            cover = _cover(folder, pictures, policy.redaction or Redaction())
            arguments += [
                "-protocol_whitelist",
                "file",
                "-f",
                "image2",
                "-pattern_type",
                "none",
                "-i",
                f"file:{cover.resolve()}",
            ]
            chain = f"[0:{pictures.number}][1:v]overlay=0:0:format=auto,{plan.filter}[shown]"
            shown = ["-filter_complex", chain, "-map", "[shown]", *coding]
    muxer = (
        ["-f", "webm"]
        if plan.container is Form.MATROSKA
        else ["-f", "mp4", "-movflags", "+faststart", "-empty_hdlr_name", "1"]
    )
    ffmpeg.run([*arguments, *shown, *sound, *BARE, *muxer, f"file:{file.resolve()}"], policy.means, at)


def _sound(container: Form) -> list[str]:
    return ["-c:a", "libopus" if container is Form.MATROSKA else "aac", "-b:a", "128k", "-ac", "2"]


def _cover(folder: Path, pictures: Pictures, redaction: Redaction) -> Path:
    """What is laid over every picture before it is encoded: black where a person marked, else transparent."""
    is_sideways = abs(pictures.turned) % 180 == 90
    size = (pictures.height, pictures.width) if is_sideways else (pictures.width, pictures.height)
    cover = new("RGBA", size, (0, 0, 0, 0))
    cover.paste((0, 0, 0, 255), (0, 0, *size), mask(*size, redaction))
    file = folder / "cover.png"
    cover.save(file, "PNG")
    return file


def _plays(made: Streams) -> bool:
    """Whether browsers play it, told from a file that holds no words any more."""
    return made.pictures is not None and made.pictures.codec in COPIED and made.pictures.pixels in PLAIN


def _shows_something(container: Form, file: Path) -> bool:
    """Whether a picture can be decoded at all: its checksum is printed."""
    with NamedTemporaryFile(dir=file.parent) as sums:
        one = ["-map", "0:v:0", "-frames:v", "1", "-f", "framecrc", f"file:{sums.name}"]
        try:
            ffmpeg.run([*ffmpeg.source(container, file), *one], Means(60))
        except Failed:
            return False
        return any(not line.startswith(b"#") for line in sums.read().splitlines())
