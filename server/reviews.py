"""Reviews: what may show a name is looked at by its uploader or a moderator before anybody else sees it. [UPL-12]"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.access import Access, Clock, OpenCase
from server.body import read_body, reply
from server.described import described
from server.settings import Settings
from server.upload_answers import PictureShown, RectangleShown, ReviewBody, ReviewShown, UploadShown, show
from server.uploads import may_see
from storage.ports import ObjectKey, Stores, Upload
from workspace import policy
from workspace.errors import Conflict, Forbidden, NotFound
from workspace.ids import UploadId
from workspace.media import UploadState


class Reviews:
    """The handlers. Every path to a case passes `Access.open_case`."""

    def __init__(
        self, settings: Settings, stores: Stores, access: Access, *, clock: Clock, changed: Callable[[], None]
    ) -> None:
        self._settings = settings
        self._stores = stores
        self._access = access
        self._clock = clock
        self._changed = changed

    def routes(self) -> Sequence[BaseRoute]:
        """What stands under `/api`."""
        return [
            Route("/cases/{case}/uploads/{upload}/review", self.show_review, methods=["GET"]),
            Route("/cases/{case}/uploads/{upload}/review", self.review, methods=["POST"]),
        ]

    @described({200: ReviewShown}, errors=(Forbidden, Conflict))
    async def show_review(self, request: Request) -> Response:
        """The pictures that may show a name, and where the machine thinks so."""
        _, seen = await self._find(request)
        if seen.state is not UploadState.NEEDS_REVIEW or seen.review is None:
            raise Conflict(f"the upload is {seen.state.value}")
        asked = json.loads(seen.review)
        pictures = []
        for each in asked["pictures"]:
            signed = self._stores.objects.sign_get(ObjectKey(each["key"]))
            pictures.append(
                PictureShown(
                    frame=each["frame"],
                    url=signed.url,
                    width=each["width"],
                    height=each["height"],
                    expires_at=signed.expires_at,
                )
            )
        suggested = [RectangleShown.model_validate(each) for each in asked["suggested"]]
        return reply(ReviewShown(pictures=pictures, suggested=suggested))

    @described({200: UploadShown}, body=ReviewBody, errors=(Forbidden, Conflict))
    async def review(self, request: Request) -> Response:
        """Say what is to be blanked, or that there is nothing: it is cleaned again, with that. [UPL-12]"""
        opened, seen = await self._find(request)
        body = await read_body(request, ReviewBody, self._settings)
        if seen.state is not UploadState.NEEDS_REVIEW:
            raise Conflict(f"the upload is {seen.state.value}")
        me = opened.principal.person.id
        decision = {"blank": [each.model_dump() for each in body.blank], "strokes": [], "by": me}
        decided = replace(
            seen,
            state=UploadState.QUARANTINED,
            reason=None,
            decision=json.dumps(decision),
            attempts=0,
            changed_at=self._clock(),
        )
        reviewed = await self._stores.uploads.change(seen, decided, cause=opened.principal.cause)
        self._changed()
        return reply(show(reviewed, me))

    async def _find(self, request: Request) -> tuple[OpenCase, Upload]:
        """Raises: NotFound, Forbidden (also when the right to write went), Conflict (the case is closed)."""
        opened = await self._access.open_asked(request)
        found = await self._stores.uploads.find(opened.case.id, UploadId(request.path_params["upload"]))
        if found is None or not may_see(opened, found):
            raise NotFound
        if not policy.may_review_upload(opened.principal.person.id, opened.roles, found.person):
            raise Forbidden
        if opened.case.state not in policy.WRITABLE_STATES:
            raise Conflict(f"the case is {opened.case.state.value}")
        return opened, found
