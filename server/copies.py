"""Copies of a record: a page makes the file; the audit log says first who took what along. [AUD-13]"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.access import Access
from server.body import Body, Whole, read_body
from server.described import described
from server.settings import Settings
from workspace.audit import Action, Detail, Event, Value
from workspace.errors import Superseded


class CopyFormat(StrEnum):
    """What a copy is."""

    PDF = "pdf"
    WORD = "docx"
    MARKDOWN = "md"
    PAPER = "paper"


class CopyBody(Body):
    """A copy that is about to be made."""

    format: CopyFormat = Field(strict=False)
    seq: Whole | None = None
    """The newest entry in it; none for what stands on a page, saved or not."""


class Copies:
    """The handler."""

    def __init__(self, settings: Settings, access: Access) -> None:
        self._settings = settings
        self._access = access

    def routes(self) -> Sequence[BaseRoute]:
        """What stands under `/api`."""
        return [Route("/cases/{case}/documents/{document}/copies", self.copy, methods=["POST"])]

    @described({204: None}, body=CopyBody, errors=(Superseded,))
    async def copy(self, request: Request) -> Response:
        """Say that a copy of a document is taken along, as a file or on paper; the log says who. [AUD-13]"""
        opened = await self._access.open_asked(request)
        document = await self._access.find_document(opened, request.path_params["document"])
        body = await read_body(request, CopyBody, self._settings)
        details: dict[Detail, Value] = {Detail.KIND: body.format.value}
        if body.seq is not None:
            details[Detail.SEQ] = body.seq
        exported = Event(
            Action.DOCUMENT_EXPORTED, opened.principal.cause, document.case, document.name, details=details
        )
        await self._access.note(exported, always=True)
        return Response(status_code=204)
