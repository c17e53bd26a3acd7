"""Cleans one DICOM file, and applies what a person marked in it. Called in a child process, with paths.

`clean_dicom` is the door at which hostile files stop: whatever is in one, it answers with an `Outcome` [DEI-13].
"""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from server.cleaning.blanking import Masks, check_places, may_rewrite, rewritten
from server.cleaning.doubts import BURNED_IN, Finding, examine
from server.cleaning.elements import Dataset, Leaf, Syntax, find, text_of
from server.cleaning.engine import Engine
from server.cleaning.identities import identities
from server.cleaning.marks import PIXELS_CLEANED, marked, options_of
from server.cleaning.pixels import Progress, Shape, copied, shape_of
from server.cleaning.proof import prove
from server.cleaning.reading import Source, Unreadable, read
from server.cleaning.registry import is_registered, quiet, vocabulary
from server.cleaning.writing import PixelWriter, write_file
from workspace.deidentification.attributes import EDITION
from workspace.deidentification.classes import Kind, verdict_on
from workspace.deidentification.outcome import (
    ENGINE,
    PROFILE,
    Certificate,
    Cleaned,
    Doubt,
    NeedsReview,
    Outcome,
    Reason,
    Rectangle,
    Rejected,
)
from workspace.deidentification.policy import CasePolicy
from workspace.deidentification.rules import STANDARD, Action, Rules

_ENCRYPTED = 0x04000500
_PIECE = 1 << 20


def clean_dicom(
    source: Path,
    target: Path,
    policy: CasePolicy,
    progress: Progress = lambda done, total: None,
    rules: Rules = STANDARD,
) -> Outcome:
    """Writes `source`, cleaned, to `target`, and proves that nothing of the original is left in it.

    `target` is there after `Cleaned` and `NeedsReview`, and not after `Rejected`. Memory does not grow with the pixels.
    What `progress` raises ends the work and goes through.

    Raises:
        OSError: a disk is full or broken; nothing is said about the file.
    """
    return _guarded(target, progress, lambda told, scratch: _clean(source, target, policy, told, rules, scratch))


def review_dicom(
    source: Path,
    target: Path,
    blank: Sequence[Rectangle],
    certificate: Certificate,
    progress: Progress = lambda done, total: None,
) -> Outcome:
    """What a person saw: blanks `blank` in a file that `clean_dicom` wrote; nothing to blank means there is no text.

    Raises:
        OSError: as `clean_dicom` does.
    """
    return _guarded(target, progress, lambda told, scratch: _review(source, target, blank, certificate, told, scratch))


class _Ended(BaseException):
    """What the caller's `progress` raised, on its way past everything here that catches."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(error)
        self.error = error


def _guarded(target: Path, progress: Progress, work: Callable[[Progress, Path], Outcome]) -> Outcome:
    def told(done: int, total: int) -> None:
        try:
            progress(done, total)
        except BaseException as error:
            raise _Ended(error) from error

    outcome: Outcome = Rejected(Reason.DEFECT)
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".cleaning-") as folder, quiet():
            outcome = work(told, Path(folder) / "inflated")
    except Unreadable as error:
        outcome = Rejected(error.reason, error.detail)
    except MemoryError:
        outcome = Rejected(Reason.TOO_COMPLEX, "memory")
    except _Ended as ended:
        target.unlink(missing_ok=True)
        raise ended.error from None
    except OSError:
        target.unlink(missing_ok=True)
        raise
    except Exception as error:
        # Readers and decoders turn what they cannot read into `Unreadable`: this is ours, and operators are to see it.
        outcome = Rejected(Reason.DEFECT, type(error).__name__)
    if isinstance(outcome, Rejected):
        target.unlink(missing_ok=True)
    return outcome


@dataclass(frozen=True, slots=True)
class _Picture:
    """What becomes of the pixels."""

    dataset: Dataset
    syntax: Syntax
    writer: PixelWriter | None
    kept: tuple[Rectangle, ...] = ()
    recompressed: bool = False
    frames: int = 0


def _clean(path: Path, target: Path, policy: CasePolicy, progress: Progress, rules: Rules, scratch: Path) -> Outcome:
    source = read(path, scratch)
    verdict = verdict_on(source.sop_class, registered=is_registered(source.sop_class))
    if isinstance(verdict, Reason):
        return Rejected(verdict)
    if find(source.dataset, _ENCRYPTED) is not None:
        return Rejected(Reason.ENCRYPTED)
    shape = None if verdict is Kind.WAVEFORM else _shape(source)
    finding = Finding() if shape is None else examine(verdict, source.dataset, source.syntax, shape)
    engine = Engine(rules, policy, identities(rules, policy, source.dataset), vocabulary())
    dataset = engine.clean(source.dataset)
    picture, doubts = _picture(source, dataset, shape, finding, progress)
    options = options_of(policy, pixels_cleaned=bool(picture.kept))
    dataset = marked(picture.dataset, options, dates_kept=policy.keep_dates)
    if picture.kept:
        dataset = _declared_clear(dataset)
    write_file(target, dataset, picture.syntax, picture.writer)
    proof = prove(source.path, target, rules, policy)
    if proof.found:
        return Rejected(Reason.LEFT_OVER, f"{proof.found} of {proof.originals}")
    certificate = Certificate(
        engine=ENGINE,
        profile=PROFILE,
        edition=EDITION,
        options=options,
        sop_class=source.sop_class,
        transfer_syntax=picture.syntax.uid,
        actions=_counted(engine.actions),
        private_kept=engine.private_kept,
        uids_replaced=len(engine.uids),
        frames=picture.frames,
        kept_regions=picture.kept,
        blanked=(),
        reviewed=False,
        recompressed=picture.recompressed,
        sha256_before=_sha256(path),
        sha256_after=_sha256(target),
        bytes_before=path.stat().st_size,
        bytes_after=target.stat().st_size,
        proof=proof,
    )
    return NeedsReview(certificate, doubts) if doubts else Cleaned(certificate)


def _shape(source: Source) -> Shape:
    if source.pixels is None:
        raise Unreadable(Reason.DAMAGED, "no pixels")
    return shape_of(source.dataset, source.syntax)


def _picture(
    source: Source, dataset: Dataset, shape: Shape | None, finding: Finding, progress: Progress
) -> tuple[_Picture, tuple[Doubt, ...]]:
    if shape is None or source.pixels is None:
        return _Picture(dataset, source.syntax, None), ()
    doubts = finding.doubts
    if finding.keep:
        if may_rewrite(source, source.pixels, shape):
            new = rewritten(source, dataset, Masks(shape, keep=finding.keep), progress)
            changed = new.syntax != source.syntax
            return _Picture(new.dataset, new.syntax, new.pixels, finding.keep, changed, shape.frames), doubts
        doubts = (*doubts, Doubt.COMPRESSION)
    writer = copied(source, source.pixels, shape, progress)
    return _Picture(dataset, source.syntax, writer, frames=shape.frames), doubts


def _review(
    path: Path,
    target: Path,
    blank: Sequence[Rectangle],
    certificate: Certificate,
    progress: Progress,
    scratch: Path,
) -> Outcome:
    if _sha256(path) != certificate.sha256_after:
        return Rejected(Reason.DAMAGED, "not what was certified")
    source = read(path, scratch)
    shape = _shape(source)
    check_places(blank, shape)
    dataset, syntax, recompressed = source.dataset, source.syntax, certificate.recompressed
    if source.pixels is None or (blank and not may_rewrite(source, source.pixels, shape)):
        return Rejected(Reason.CANNOT_BLANK)
    if blank:
        new = rewritten(source, dataset, Masks(shape, blank=tuple(blank)), progress)
        dataset, writer = new.dataset, new.pixels
        recompressed, syntax = recompressed or new.syntax != syntax, new.syntax
    else:
        writer = copied(source, source.pixels, shape, progress)
    options = tuple(sorted({*certificate.options, PIXELS_CLEANED}))
    kept_dates = text_of(dataset, 0x00280303) == "MODIFIED"
    dataset = _declared_clear(marked(dataset, options, dates_kept=kept_dates))
    write_file(target, dataset, syntax, writer)
    return Cleaned(
        replace(
            certificate,
            options=options,
            transfer_syntax=syntax.uid,
            blanked=tuple(sorted({*certificate.blanked, *blank}, key=repr)),
            reviewed=True,
            recompressed=recompressed,
            sha256_after=_sha256(target),
            bytes_after=target.stat().st_size,
        )
    )


def _declared_clear(dataset: Dataset) -> Dataset:
    """Burned In Annotation says NO once the text was blanked or a person found none, and only then."""
    return (*(node for node in dataset if node.tag != BURNED_IN), Leaf(BURNED_IN, "CS", b"NO"))


def _counted(actions: Counter[Action]) -> dict[str, int]:
    return {action.value: actions[action] for action in Action if actions[action]}


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
