"""One's own profile and picture, and the pictures of others."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from pydantic import StringConstraints
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.access import Access, Clock
from server.auth import SignedIn, oneself
from server.body import Body, OneLine, Phrase, media_type, read_body, read_bytes, reply
from server.described import Says, described
from server.pictures import Darkroom
from server.settings import Settings
from storage.ports import Stores
from workspace.case import Person
from workspace.errors import InvalidRequest, NotFound, TooMany
from workspace.ids import PersonId

FOREVER = "private, max-age=31536000, immutable"
PICTURE_PATIENCE = 6
"""A picture comes over a telephone's uplink: it may take so many times as long as a JSON body."""
MEDIA_TYPES = {"webp/1": "image/webp"}

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$", max_length=35)]


class ProfileChange(Body):
    """What is to change; what is left out stays."""

    name: OneLine | None = None
    profession: Phrase | None = None
    specialty: Phrase | None = None
    registration: Phrase | None = None
    language: Language | None = None
    """BCP 47; null: as the browser asks."""


class Profiles:
    """The handlers."""

    def __init__(self, settings: Settings, stores: Stores, access: Access, *, clock: Clock) -> None:
        self._settings = settings
        self._profiles = stores.profiles
        self._access = access
        self._clock = clock
        self._darkroom = Darkroom()

    def routes(self) -> Sequence[BaseRoute]:
        """What stands under `/api`."""
        return [
            Route("/me", self.tell, methods=["PATCH"]),
            Route("/me/picture", self.show, methods=["PUT"]),
            Route("/me/picture", self.take_down, methods=["DELETE"]),
            Route("/people/{person}/pictures/{digest}", self.picture, methods=["GET"]),
        ]

    @described({200: SignedIn}, body=ProfileChange)
    async def tell(self, request: Request) -> Response:
        """Change one's own profile; others see a new name at once. [ACC-1]"""
        principal = await self._access.authenticate(request)
        change = await read_body(request, ProfileChange, self._settings)
        told = change.model_dump(exclude_unset=True)
        if any(value is None for field, value in told.items() if field != "language"):
            raise InvalidRequest("null is for the language alone; leave the field empty")
        person = replace(principal.person, name=told.pop("name", principal.person.name))
        held = (await self._profiles.of([person.id]))[person.id]
        await self._profiles.tell(person.id, person.name, replace(held, **told), cause=principal.cause)
        return await self._oneself(person)

    @described({200: SignedIn}, body="image/*", errors=(TooMany,))
    async def show(self, request: Request) -> Response:
        """Show a picture of oneself: the body is a JPEG, PNG, WebP or GIF. [ACC-2]"""
        principal = await self._access.authenticate(request)
        person = principal.person
        if not media_type(request).startswith("image/"):
            raise InvalidRequest("content-type: image/*")
        patience = self._settings.body_seconds * PICTURE_PATIENCE
        body = await read_bytes(request, self._settings.max_picture_bytes, patience)
        picture = await self._darkroom.develop(body)
        await self._profiles.show(person.id, picture, self._clock(), cause=principal.cause)
        return await self._oneself(person)

    @described({200: SignedIn})
    async def take_down(self, request: Request) -> Response:
        """Take one's picture away; initials stand in its place."""
        principal = await self._access.authenticate(request)
        await self._profiles.show(principal.person.id, None, self._clock(), cause=principal.cause)
        return await self._oneself(principal.person)

    @described({200: Says(media="image/webp"), 304: None}, errors=(NotFound,))
    async def picture(self, request: Request) -> Response:
        """Somebody's picture, for everybody who is signed in. The address names its digest, so it never changes."""
        await self._access.authenticate(request)
        digest = request.path_params["digest"]
        found = await self._profiles.picture(PersonId(request.path_params["person"]), digest)
        media = MEDIA_TYPES.get(found.format) if found else None
        if found is None or media is None:
            raise NotFound
        headers = {"Cache-Control": FOREVER, "ETag": f'"{hashlib.sha256(found.body).hexdigest()}"'}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(found.body, media_type=media, headers=headers)

    async def _oneself(self, person: Person) -> Response:
        return reply(SignedIn(person=await oneself(self._profiles, person)))
