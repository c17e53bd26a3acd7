"""Names of things: typed identifiers, and the one parser of document names.

Case and person ids are 16 lower-case base32 characters (80 random bits): safe in URLs, file names and
WebSocket paths, and they say nothing about what they name.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from workspace.errors import NotFound

PersonId = NewType("PersonId", str)
CaseId = NewType("CaseId", str)
ProposalId = NewType("ProposalId", str)
UploadId = NewType("UploadId", str)
MediaId = NewType("MediaId", str)
FileId = NewType("FileId", str)
DocumentName = NewType("DocumentName", str)
SessionId = NewType("SessionId", int)
"""One client's connection to one document; unique in a process, never stored."""
ClientId = NewType("ClientId", int)
"""The number Yjs gives one replica; it tags every struct that replica makes."""
Seq = NewType("Seq", int)
"""Position of an entry in its document's journal: 1, 2, 3… without gaps. 0 is "before the first"."""
OpId = NewType("OpId", bytes)
"""Names one append, so that a retry after a lost answer can be recognised. 16 random bytes."""
Millis = NewType("Millis", int)
"""Milliseconds since 1970-01-01 UTC."""
UpdateBytes = NewType("UpdateBytes", bytes)
"""A Yjs update, encoding v1, that has passed `workspace.update.read_update`."""
StateVector = NewType("StateVector", bytes)
"""A Yjs state vector that has passed `workspace.update.read_state_vector`."""

ID_BYTES = 10

_ID = re.compile(r"[a-z2-7]{16}")
_NAME = re.compile(r"(record|discussion|opinion\.([a-z2-7]{16}))(?:~([1-9][0-9]{0,11}))?")


class DocumentKind(StrEnum):
    """What a document is for; the right to write is held per kind (see `workspace.policy`)."""

    RECORD = "record"
    DISCUSSION = "discussion"
    OPINION = "opinion"


@dataclass(frozen=True, slots=True)
class DocumentId:
    """One Yjs document of one case. Its text form, `{case}/{name}`, is what travels on the wire."""

    case: CaseId
    name: DocumentName

    def __str__(self) -> str:
        return f"{self.case}/{self.name}"

    @property
    def kind(self) -> DocumentKind:
        """The part of the name before the member and the epoch."""
        return DocumentKind(re.split(r"[.~]", self.name, maxsplit=1)[0])

    @property
    def owner(self) -> PersonId | None:
        """The member whose opinion this is; None for documents that are not one person's."""
        match = _NAME.fullmatch(self.name)
        return PersonId(match[2]) if match and match[2] else None

    @property
    def epoch(self) -> int:
        """1 for a document that was never continued under a new name, then 2, 3…; after a restore the second it was
        made in (see `storage.restoring`)."""
        match = _NAME.fullmatch(self.name)
        return int(match[3]) if match and match[3] else 1

    def successor(self, epoch: int = 0) -> DocumentId:
        """The name under which this document continues when its history has to be rewritten; in this `epoch`, if a
        later one was not reached already."""
        stem = self.name.split("~", maxsplit=1)[0]
        return DocumentId(self.case, DocumentName(f"{stem}~{max(epoch, self.epoch + 1)}"))


def make_id(entropy: bytes) -> str:
    """Spell `ID_BYTES` random bytes as an id."""
    if len(entropy) != ID_BYTES:
        raise ValueError(f"an id is made of {ID_BYTES} bytes")
    return base64.b32encode(entropy).decode("ascii").lower()


def parse_case_id(text: str) -> CaseId:
    """Raises: NotFound, because a malformed id names nothing."""
    if not _ID.fullmatch(text):
        raise NotFound
    return CaseId(text)


def parse_document_id(case: str, name: str) -> DocumentId:
    """Raises: NotFound, because a malformed name names nothing."""
    match = _NAME.fullmatch(name)
    if match is None or match[3] == "1":  # epoch 1 has one spelling: no suffix
        raise NotFound
    return DocumentId(parse_case_id(case), DocumentName(name))


def parse_address(address: str) -> DocumentId:
    """Parse `{case}/{document}`, the Hocuspocus document name. Raises: NotFound."""
    case, slash, name = address.partition("/")
    if not slash:
        raise NotFound
    return parse_document_id(case, name)
