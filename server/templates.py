"""Templates: those that come with Consilium, those that moderators made of them, and what a new record starts with."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Annotated

from pydantic import Field, JsonValue
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from server.access import Access, Clock
from server.body import Answer, Body, OneLine, read_body, reply
from server.child import Child, ChildLost
from server.described import Says, described
from server.entrance import Entropy
from server.settings import Settings
from storage.ports import Stores, Template
from workspace.case import Principal
from workspace.errors import Conflict, Forbidden, InvalidRequest, NotFound, StorageUnavailable
from workspace.ids import ID_BYTES, DocumentKind, DocumentName, Millis, PersonId, UpdateBytes, make_id
from workspace.policy import HouseRight, may_in_house
from workspace.prose import Sections, parse_sections, section_json
from workspace.record import SECTIONS, seed
from workspace.written import sections_from

FOLDER = "delivered_templates"
SEED_SECONDS = 15.0
NOBODY = PersonId("")

Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$", description="BCP 47.")]
Version = Annotated[int, Field(ge=0, description="0: as delivered.")]


class NewTemplateBody(Body):
    """A template of one's own. `sections` holds documents of the editor by section name."""

    language: Language
    name: OneLine
    about: OneLine
    sections: dict[str, JsonValue]


class TemplateBody(Body):
    """What a template becomes; `version` is the one that was changed."""

    name: OneLine
    about: OneLine
    sections: dict[str, JsonValue]
    version: Version


class RetiredBody(Body):
    """Whether the template is offered no more; `version` is the one that was seen."""

    retired: bool
    version: Version


class TemplateBrief(Answer):
    """A template without its content."""

    id: str
    language: str
    name: str
    about: str
    is_retired: bool
    is_delivered: bool
    """It came with Consilium, and can be reset to what it was then."""
    version: int


class TemplateShown(TemplateBrief):
    """A template."""

    sections: dict[str, JsonValue]


class TemplateList(Answer):
    """Templates by language and name."""

    templates: list[TemplateBrief]


@dataclass(frozen=True, slots=True)
class Offer:
    """A template as it counts now."""

    kept: Template
    sections: Sections
    is_delivered: bool


def delivered() -> Mapping[str, Offer]:
    """The templates that come with Consilium, by id: `{name of the file}-{language}`."""
    offers: dict[str, Offer] = {}
    for language in sorted(files("server").joinpath(FOLDER).iterdir(), key=lambda each: each.name):
        for file in sorted(language.iterdir(), key=lambda each: each.name):
            name, about, body = file.read_text("utf-8").split("\n", 2)
            sections = sections_from(body)
            spelled = json.dumps({key: section_json(section) for key, section in sections.items()})
            key = f"{file.name.removesuffix('.md')}-{language.name}"
            kept = Template(key, language.name, name, about, spelled, False, 0, Millis(0), NOBODY)
            offers[key] = Offer(kept, sections, is_delivered=True)
    return offers


class Templates:
    """The handlers, and the seeds of new records."""

    def __init__(self, settings: Settings, stores: Stores, access: Access, *, clock: Clock, entropy: Entropy) -> None:
        self._settings = settings
        self._stores = stores
        self._access = access
        self._clock = clock
        self._entropy = entropy
        self._delivered = delivered()
        self._child = Child(SEED_SECONDS)

    def routes(self) -> Sequence[BaseRoute]:
        """What stands under `/api`."""
        return [
            Route("/templates", self.list_templates, methods=["GET"]),
            Route("/templates", self.add, methods=["POST"]),
            Route("/templates/{template}", self.show, methods=["GET"]),
            Route("/templates/{template}", self.change, methods=["PUT"]),
            Route("/templates/{template}/retired", self.retire, methods=["PUT"]),
            Route("/templates/{template}/reset", self.reset, methods=["POST"]),
        ]

    async def seeds_of(self, template: str | None) -> Mapping[DocumentName, UpdateBytes]:
        """What a new case's documents start with. Raises: InvalidRequest (no such template, or none any more)."""
        if template is None:
            return {}
        offer = (await self._offers()).get(template)
        if offer is None or offer.kept.is_retired:
            raise InvalidRequest("template: there is no such template to choose")
        return {DocumentName(DocumentKind.RECORD.value): await self._seed(offer.sections)}

    @described({200: TemplateList})
    async def list_templates(self, request: Request) -> Response:
        """The templates that a case can start with; moderators see retired ones too."""
        principal = await self._access.authenticate(request)
        is_editor = may_in_house(principal.person.standing, HouseRight.EDIT_TEMPLATES)
        offers = [offer for offer in (await self._offers()).values() if is_editor or not offer.kept.is_retired]
        offers.sort(key=lambda offer: (offer.kept.language, offer.kept.name.casefold(), offer.kept.id))
        return reply(TemplateList(templates=[_brief(offer) for offer in offers]))

    @described({200: TemplateShown})
    async def show(self, request: Request) -> Response:
        """A template with its content, in the editor's JSON."""
        principal = await self._access.authenticate(request)
        offer = await self._offer(request)
        if offer.kept.is_retired and not may_in_house(principal.person.standing, HouseRight.EDIT_TEMPLATES):
            raise NotFound
        return reply(_shown(offer))

    @described(
        {201: Says(TemplateShown, headers={"Location": "The new template."})}, body=NewTemplateBody, errors=(Forbidden,)
    )
    async def add(self, request: Request) -> Response:
        """Add a template. [LST-11]"""
        principal = await self._editor(request)
        body = await read_body(request, NewTemplateBody, self._settings)
        key = make_id(self._entropy(ID_BYTES))
        spelled = await self._checked(body.sections)
        kept = Template(
            key, body.language, body.name, body.about, spelled, False, 1, self._clock(), principal.person.id
        )
        await self._stores.templates.keep(kept, cause=principal.cause)
        return reply(_shown((await self._offers())[key]), 201, {"Location": f"/api/templates/{key}"})

    @described({200: TemplateShown}, body=TemplateBody, errors=(Forbidden, Conflict))
    async def change(self, request: Request) -> Response:
        """Change a template's name and content; cases that started with it stay as they are. [LST-11]"""
        principal = await self._editor(request)
        body = await read_body(request, TemplateBody, self._settings)
        offer = await self._offer(request)
        _expect(offer, body.version)  # before a child process is asked
        spelled = await self._checked(body.sections)
        held = offer.kept
        return await self._keep(
            request,
            principal,
            offer,
            Template(
                held.id,
                held.language,
                body.name,
                body.about,
                spelled,
                held.is_retired,
                body.version + 1,
                self._clock(),
                principal.person.id,
            ),
        )

    @described({200: TemplateShown}, body=RetiredBody, errors=(Forbidden, Conflict))
    async def retire(self, request: Request) -> Response:
        """Offer a template no more, or again. [LST-11]"""
        principal = await self._editor(request)
        body = await read_body(request, RetiredBody, self._settings)
        offer = await self._offer(request)
        held = offer.kept
        return await self._keep(
            request,
            principal,
            offer,
            Template(
                held.id,
                held.language,
                held.name,
                held.about,
                held.sections,
                body.retired,
                body.version + 1,
                self._clock(),
                principal.person.id,
            ),
        )

    @described({200: TemplateShown}, errors=(Forbidden, Conflict))
    async def reset(self, request: Request) -> Response:
        """Make a template again what it was when it came with Consilium. [LST-11]"""
        principal = await self._editor(request)
        offer = await self._offer(request)
        if not offer.is_delivered:
            raise Conflict("this template did not come with Consilium")
        if offer.kept.version > 0:
            await self._stores.templates.forget(offer.kept.id, offer.kept.version, cause=principal.cause)
        return reply(_shown(await self._offer(request)))

    async def _keep(self, request: Request, principal: Principal, offer: Offer, kept: Template) -> Response:
        _expect(offer, kept.version - 1)
        await self._stores.templates.keep(kept, cause=principal.cause)
        return reply(_shown(await self._offer(request)))

    async def _editor(self, request: Request) -> Principal:
        principal = await self._access.authenticate(request)
        if not may_in_house(principal.person.standing, HouseRight.EDIT_TEMPLATES):
            raise Forbidden
        return principal

    async def _offers(self) -> Mapping[str, Offer]:
        kept = await self._stores.templates.all()
        own = {
            each.id: Offer(each, parse_sections(json.loads(each.sections), SECTIONS), each.id in self._delivered)
            for each in kept
        }
        return {**self._delivered, **own}

    async def _offer(self, request: Request) -> Offer:
        offer = (await self._offers()).get(request.path_params["template"])
        if offer is None:
            raise NotFound
        return offer

    async def _checked(self, given: Mapping[str, JsonValue]) -> str:
        """Content that a record can be seeded with, as it is kept. Raises: InvalidRequest."""
        sections = parse_sections(given, SECTIONS)
        await self._seed(sections)
        return json.dumps({name: section_json(section) for name, section in sections.items()})

    async def _seed(self, sections: Sections) -> UpdateBytes:
        try:
            return await self._child.run(seed, sections)
        except ChildLost as error:
            raise StorageUnavailable from error


def _expect(offer: Offer, version: int) -> None:
    if version != offer.kept.version:
        raise Conflict("somebody changed this template meanwhile")


def _brief(offer: Offer) -> TemplateBrief:
    kept = offer.kept
    return TemplateBrief(
        id=kept.id,
        language=kept.language,
        name=kept.name,
        about=kept.about,
        is_retired=kept.is_retired,
        is_delivered=offer.is_delivered,
        version=kept.version,
    )


def _shown(offer: Offer) -> TemplateShown:
    return TemplateShown(**dict(_brief(offer)), sections=json.loads(offer.kept.sections))
