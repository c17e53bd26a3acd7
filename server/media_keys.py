"""Under which keys objects of a case stand. Ids alone: whoever sees a key learns nothing. [UPL-6]"""

from __future__ import annotations

from storage.ports import ObjectKey
from workspace.ids import CaseId, MediaId, UploadId

QUARANTINE, MEDIA = "quarantine/", "media/"


def quarantine_key(case: CaseId, upload: UploadId) -> ObjectKey:
    """Where what was sent waits."""
    return ObjectKey(f"{QUARANTINE}{case}/{upload}")


def review_prefix(case: CaseId, upload: UploadId) -> str:
    """Below it stands what whoever has to look is shown."""
    return f"{QUARANTINE}{case}/{upload}.review/"


def upload_of_key(key: str) -> UploadId | None:
    """Which upload an object in quarantine belongs to; None for what is none of ours."""
    parts = key.removeprefix(QUARANTINE).split("/")
    if not key.startswith(QUARANTINE) or len(parts) < 2:
        return None
    return UploadId(parts[1].removesuffix(".review"))


def file_key(case: CaseId, media: MediaId, made: str) -> ObjectKey:
    """Of a cleaned file; what is made of it stands below. `made` is an id of its own: no key is ever another's."""
    return ObjectKey(f"{MEDIA}{case}/{media}/{made}")


def is_file(key: ObjectKey) -> bool:
    """Whether it is a cleaned file or a manifest, and nothing that was made of one."""
    return key.count("/") == 3  # media/{case}/{media}/{made}
