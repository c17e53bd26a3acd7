"""Which cleaner is for which kind of file, and what is made of what it leaves. Runs in the child."""

from __future__ import annotations

import json
import resource
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import JsonValue

from server.cleaning import dicom_media, pdf, photo, video
from server.cleaning.dicom_media import DicomPolicy
from server.cleaning.ffmpeg import Means
from server.cleaning.outcome import Cleaned, NeedsReview, Outcome, Rejected, Report
from server.cleaning.pdf import PdfPolicy
from server.cleaning.photo import PhotoPolicy
from server.cleaning.redaction import Box, Redaction, Stroke
from server.cleaning.sniff import Foreign, Sniffed, sniff
from server.cleaning.video import VideoPolicy
from server.media_worker.job import Answer, CleanedLine, CleanFile, Job, MadeFile, RejectedLine, RemadeLine, ReviewLine
from server.renditions.render import render
from server.renditions.rendition import Rendition
from storage.ports import Shape
from workspace.deidentification.policy import CasePolicy
from workspace.media import Kind, Reason

MOST_TOLD_BYTES = 64 * 1024
"""Of a manifest, in the database. That of a slice has one kilobyte; larger ones, of a thousand frames, are read where
they stand."""


def work(job: Job, report: Report) -> Answer:
    """Tell what it is, clean it, and make what viewers need; of what is clean, only that. Raises: OSError of the disk,
    and of what is clean what `render` does."""
    if job.clean is not None:
        return _remade(job.clean, job, report)
    sniffed = sniff(job.source)
    if isinstance(sniffed, Foreign):
        return RejectedLine(reason=Reason.UNKNOWN_TYPE, detail=sniffed.what.value)
    if job.source.stat().st_size > job.limits.of(sniffed.kind):
        return RejectedLine(reason=Reason.TOO_LARGE, kind=sniffed.kind)
    cleaner = CLEANERS.get(sniffed.kind)
    if cleaner is None:
        return RejectedLine(reason=Reason.UNSUPPORTED, kind=sniffed.kind)
    outcome = cleaner(sniffed, job, report)
    match outcome:
        case Cleaned():
            return _cleaned(outcome, job, report)
        case NeedsReview():
            return _review(outcome, sniffed.kind, job)
        case Rejected():
            return RejectedLine(reason=outcome.reason, kind=sniffed.kind, detail=outcome.detail)


Cleaner = Callable[[Sniffed, Job, Report], Outcome]


def _photo(sniffed: Sniffed, job: Job, report: Report) -> Outcome:
    return photo.clean(sniffed.form, job.source, job.folder, PhotoPolicy(redaction=redaction_of(job)), report)


def _video(sniffed: Sniffed, job: Job, report: Report) -> Outcome:
    # What this process may take bounds what it starts, too; it cannot give more than it has.
    memory, size = resource.getrlimit(resource.RLIMIT_AS)[1], resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    usual = Means()
    means = Means(
        memory_bytes=usual.memory_bytes if memory == resource.RLIM_INFINITY else min(usual.memory_bytes, memory),
        written_bytes=usual.written_bytes if size == resource.RLIM_INFINITY else min(usual.written_bytes, size),
    )
    policy = VideoPolicy(keep_sound=job.keep_sound, means=means, redaction=redaction_of(job))
    return video.clean(sniffed.form, job.source, job.folder, policy, report)


def _pdf(_: Sniffed, job: Job, report: Report) -> Outcome:
    return pdf.clean(job.source, job.folder, PdfPolicy(review=redactions_of(job)), report)


def _dicom(_: Sniffed, job: Job, report: Report) -> Outcome:
    marks = redactions_of(job)
    if job.certificate is not None:
        return dicom_media.redact(job.source, job.folder, marks or {}, job.certificate, report)
    return dicom_media.clean(job.source, job.folder, DicomPolicy(CasePolicy(bytes.fromhex(job.secret)), marks), report)


CLEANERS: dict[Kind, Cleaner] = {Kind.DICOM: _dicom, Kind.PHOTO: _photo, Kind.VIDEO: _video, Kind.PDF: _pdf}


def redactions_of(job: Job) -> Mapping[int | None, Redaction] | None:
    """What somebody marked, by page or frame, or None for all of them; nothing at all when nobody was asked yet."""
    if job.decision is None:
        return None
    decision = json.loads(job.decision)
    boxes: defaultdict[int | None, list[Box]] = defaultdict(list)
    for each in decision["blank"]:
        boxes[each["frame"]].append(Box(each["x"], each["y"], each["width"], each["height"]))
    strokes = tuple(
        Stroke(tuple((point[0], point[1]) for point in each["points"]), each["width"]) for each in decision["strokes"]
    )
    marked = {frame: Redaction(tuple(found)) for frame, found in boxes.items()}
    if strokes:
        marked[None] = Redaction(marked[None].boxes if None in marked else (), strokes)
    return marked


def redaction_of(job: Job) -> Redaction | None:
    """The same of what has but one picture, or is marked in all of them at once."""
    marked = redactions_of(job)
    if marked is None:
        return None
    return Redaction(
        tuple(box for each in marked.values() for box in each.boxes),
        tuple(stroke for each in marked.values() for stroke in each.strokes),
    )


def _cleaned(cleaned: Cleaned, job: Job, report: Report) -> Answer:
    renditions, more = _renditions(cleaned, job.folder, report)
    said = {**cleaned.attributes, **more}
    shape, series = _shape(said), said.get("series")
    file = MadeFile(
        path=_inside(cleaned.file, job.folder),
        content_type=cleaned.content_type,
        width=shape.width,
        height=shape.height,
    )
    return CleanedLine(
        kind=cleaned.kind,
        file=file,
        frames=shape.frames,
        seconds=shape.seconds,
        series=series if isinstance(series, str) and cleaned.kind in (Kind.DICOM, Kind.ECG) else None,
        attributes=said,
        certificate=dict(cleaned.certificate),
        renditions=renditions,
    )


def _remade(clean: CleanFile, job: Job, report: Report) -> Answer:
    """[REN-11] Told as it was when the file was cleaned, by today's rules."""
    cleaned = Cleaned(job.source, clean.content_type, clean.kind, dict(clean.attributes), {})
    renditions, more = _renditions(cleaned, job.folder, report)
    said = {**clean.attributes, **more}
    shape = _shape(said)
    return RemadeLine(
        width=shape.width,
        height=shape.height,
        frames=shape.frames,
        seconds=shape.seconds,
        attributes=said,
        renditions=renditions,
    )


def _shape(said: Mapping[str, JsonValue]) -> Shape:
    width, height, seconds, frames = (said.get(name) for name in ("width", "height", "seconds", "frames"))
    counted = frames if isinstance(frames, int) else said.get("pages")
    return Shape(
        width if isinstance(width, int) else None,
        height if isinstance(height, int) else None,
        counted if isinstance(counted, int) else 1,
        seconds if isinstance(seconds, int | float) else None,
    )


def _review(asked: NeedsReview, kind: Kind, job: Job) -> Answer:
    pictures = [
        MadeFile(
            path=_inside(each.file, job.folder),
            content_type=each.content_type,
            width=each.width,
            height=each.height,
            frame=each.frame,
        )
        for each in asked.pictures
    ]
    suggested: list[dict[str, JsonValue]] = [
        {
            "frame": each.frame,
            "x": round(each.box.x),
            "y": round(each.box.y),
            "width": max(1, round(each.box.width)),
            "height": max(1, round(each.box.height)),
        }
        for each in asked.suggested
    ]
    return ReviewLine(kind=kind, reason=asked.reason, pictures=pictures, suggested=suggested)


def _renditions(cleaned: Cleaned, folder: Path, report: Report) -> tuple[list[MadeFile], Mapping[str, JsonValue]]:
    """What is made for viewers, and what it tells of the file beside."""
    made = folder / "renditions"
    made.mkdir()
    rendered = render(cleaned, made, report)
    return [
        MadeFile(
            path=_inside(each.file, folder),
            content_type=each.content_type,
            width=each.width,
            height=each.height,
            role=each.role,
            facts=_told(each),
        )
        for each in rendered.renditions
    ], dict(rendered.attributes)


def _told(made: Rendition) -> dict[str, JsonValue]:
    """What a small manifest says is told with it: who shows five hundred slices reads it all at once."""
    if made.role != "manifest" or made.file.stat().st_size > MOST_TOLD_BYTES:
        return {}
    said: dict[str, JsonValue] = json.loads(made.file.read_bytes())
    return said


def _inside(path: Path, folder: Path) -> str:
    """Raises: ValueError for what is not in the folder."""
    return str(path.relative_to(folder))
