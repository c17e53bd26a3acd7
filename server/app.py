"""The composition: settings and stores in, one ASGI application out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Mount

from server import problem_page, sync, watching
from server.access import Access, Clock
from server.accesses import Accesses, AccessMeters
from server.admin import Admin
from server.anchors import Anchors
from server.annotations import Annotations
from server.audit import AuditLog
from server.auth import Auth
from server.authors import Authors
from server.background import Background, Duty
from server.case_life import CaseLife
from server.case_lists import CaseLists
from server.cases import Cases
from server.copies import Copies
from server.entrance import Entrance, Entropy
from server.health import Health
from server.history import History
from server.hub import Hub
from server.last_uses import LastUses
from server.manifests import Manifests
from server.media import Media
from server.media_meters import MediaMeters, MediaQueue
from server.media_sweeper import MediaSweeper
from server.media_worker.lanes import Lanes
from server.meters import Meters
from server.metrics import HubGauges, Metrics, ObjectsGauge
from server.middleware import Outermost
from server.node_name import make_name
from server.offline_keys import OfflineKeys
from server.openapi import OpenApi
from server.pages import Pages
from server.passwords import Passwords
from server.post import PostOffice
from server.presenting import Presenting
from server.problem import handle
from server.profiles import Profiles
from server.projections import Projector
from server.proposals import Proposals
from server.resets import Resets
from server.reviews import Reviews
from server.settings import Settings
from server.sign_ins import SignIns
from server.squashing import ChildProcess
from server.strain import Strain
from server.sweeper import Sweeper
from server.templates import Templates
from server.tracing import Tracing, Untraced
from server.uploads import Uploads
from server.versions import Versions
from server.work_meters import WorkMeters
from storage.ports import Holder, Stores
from workspace.errors import ConsiliumError


@dataclass(frozen=True, slots=True)
class House:
    """The application, and the way to empty it before it stops."""

    app: Starlette
    drain: Callable[[], Awaitable[None]]
    """Turn new work away, finish what is on its way, then flush, acknowledge and close every session (1012)."""
    failed: Callable[[], str | None] = lambda: None
    """Why it must not go on, as a line for operators; None while all is well."""


def build_house(
    settings: Settings,
    stores: Stores,
    *,
    clock: Clock,
    entropy: Entropy,
    name: Holder | None = None,
    tracing: Tracing | None = None,
    passwords: Passwords | None = None,
    cleaned: MediaMeters | None = None,
) -> House:
    """Wire everything, once; `name` is what this node is called among others, `cleaned` what is counted beside it."""
    tracing, passwords = tracing or Untraced(), passwords or Passwords()
    _trace_commits(stores, tracing)
    last_uses = LastUses(stores.sign_ins, clock)
    meters, cleaned, queue = Meters(), cleaned or MediaMeters(), MediaQueue(stores.upload_work, stores.remakes)
    accesses = Accesses(stores.audit, AccessMeters(meters.registry))
    access = Access(stores, clock, settings, last_uses.note, accesses)
    entrance = Entrance(settings, stores, access, clock=clock, entropy=entropy)
    strain = Strain(settings.limits, meters, settings.max_memory_bytes)
    auth = Auth(settings, stores, access, entrance, passwords, clock=clock, entropy=entropy, strain=strain)
    templates = Templates(settings, stores, access, clock=clock, entropy=entropy)
    cases = Cases(settings, stores, access, clock=clock, entropy=entropy, seeds_of=templates.seeds_of)
    history, copies = History(stores, access), Copies(settings, access)
    authors = Authors(stores, access)
    annotations, audit = Annotations(settings, stores, access, authors), AuditLog(stores, access)
    versions = Versions(settings, stores, access, clock=clock)
    offline_keys = OfflineKeys(settings, stores, access, clock=clock, entropy=entropy)
    sign_ins = SignIns(stores, access, last_uses, clock=clock)
    admin = Admin(settings, stores, access, sign_ins, clock=clock, entropy=entropy)
    post = PostOffice(settings, stores, clock=clock, entropy=entropy)
    resets = Resets(settings, stores, access, entrance, passwords, clock=clock, asked=post.ring)
    profiles = Profiles(settings, stores, access, clock=clock)
    health = Health(stores, strain)
    hub = Hub(
        stores,
        settings.limits,
        clock=clock,
        entropy=entropy,
        squash=ChildProcess(),
        meters=meters,
        strain=strain,
        tracing=tracing,
    )
    lists = CaseLists(settings, stores, access, hub)
    duties = (
        _duties(settings, stores, post, clock=clock, entropy=entropy, tracing=tracing)
        if settings.background_work
        else []
    )
    background = Background(stores.leases, name or make_name(entropy), duties, WorkMeters(meters.registry))
    life = CaseLife(settings, stores, access, clock=clock, changed=hub.notices.look)
    proposals = Proposals(settings, stores, access, clock=clock, entropy=entropy, changed=hub.notices.look)
    uploads = Uploads(settings, stores, access, clock=clock, entropy=entropy, changed=hub.notices.look)
    reviews, presenting = (
        Reviews(settings, stores, access, clock=clock, changed=hub.notices.look),
        Presenting(settings, stores, access, changed=hub.notices.look),
    )
    media = Media(settings, stores, access, clock=clock, entropy=entropy, changed=hub.notices.look)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with accesses.running(), last_uses.running(), hub.running(), background.running():
            yield

    async def drain() -> None:
        health.start_draining()
        await asyncio.gather(hub.drain(), background.drain())

    api = Mount(
        "/api",
        routes=[
            *auth.routes(),
            *resets.routes(),
            *sign_ins.routes(),
            *profiles.routes(),
            *admin.routes(),
            *offline_keys.routes(),
            *lists.routes(),
            *cases.routes(),
            *templates.routes(),
            *life.routes(),
            *history.routes(),
            *authors.routes(),
            *annotations.routes(),
            *versions.routes(),
            *proposals.routes(),
            *audit.routes(),
            *copies.routes(),
            *uploads.routes(),
            *reviews.routes(),
            *media.routes(),
            *presenting.routes(),
        ],
    )
    app = Starlette(
        routes=[
            *health.routes(),
            *Metrics(
                meters.registry, queue, HubGauges(hub), ObjectsGauge(stores.objects_state), *cleaned.collectors
            ).routes(),
            *problem_page.routes(),
            api,
            *OpenApi([api, *health.routes()]).routes(),
            *sync.routes(hub, access),
            *watching.routes(hub, access, clock),
            *Pages().routes(),
        ],
        middleware=[
            Middleware(
                Outermost,
                settings=settings,
                entropy=entropy,
                meters=meters,
                tracing=tracing,
                objects=stores.objects,
            )
        ],
        exception_handlers={ConsiliumError: handle, HTTPException: handle},
        lifespan=lifespan,
    )
    return House(app, drain, lambda: hub.failed)


def build_worker(
    settings: Settings,
    stores: Stores,
    *,
    clock: Clock,
    entropy: Entropy,
    name: Holder | None = None,
    tracing: Tracing | None = None,
) -> House:
    """A process that serves nobody and does background work; what it answers is for whatever watches over it."""
    tracing = tracing or Untraced()
    post = PostOffice(settings, stores, clock=clock, entropy=entropy)
    name = name or make_name(entropy)
    duties = _duties(settings, stores, post, clock=clock, entropy=entropy, tracing=tracing)
    meters, cleaned, queue = Meters(), MediaMeters(), MediaQueue(stores.upload_work, stores.remakes)
    lanes = Lanes(settings, stores, name, clock=clock, entropy=entropy, ended=cleaned.count)
    health = Health(stores, Strain(settings.limits, meters))
    background = Background(stores.leases, name, duties, WorkMeters(meters.registry))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with background.running(), lanes.running():
            yield

    async def drain() -> None:
        health.start_draining()
        await asyncio.gather(background.drain(), lanes.drain())

    app = Starlette(
        routes=[
            *health.routes(),
            *Metrics(meters.registry, queue, ObjectsGauge(stores.objects_state), *cleaned.collectors).routes(),
        ],
        middleware=[Middleware(Outermost, settings=settings, entropy=entropy, meters=meters, tracing=tracing)],
        exception_handlers={ConsiliumError: handle, HTTPException: handle},
        lifespan=lifespan,
    )
    return House(app, drain)


def _trace_commits(stores: Stores, tracing: Tracing) -> None:
    """One span for a commit of the journal, however many rooms share it."""
    if tracing.is_on:
        stores.journal.watch(
            lambda commit: tracing.done(
                "journal.commit", commit.seconds, {"appends": commit.appends}, failed=commit.failed
            )
        )


def _duties(
    settings: Settings, stores: Stores, post: PostOffice, *, clock: Clock, entropy: Entropy, tracing: Tracing
) -> list[Duty]:
    """All background work there is. Who cannot send mail does not compete for it. Cleaning files is none: every process
    that does it takes other files."""
    return [
        *([post.duty] if settings.smtp_host is not None else []),
        Projector(stores, clock=clock, tracing=tracing).duty,
        Sweeper(stores.people, clock=clock).duty,
        Anchors(stores.audit).duty,
        Manifests(stores, clock=clock, entropy=entropy).duty,
        MediaSweeper(stores, settings.upload_hours, clock=clock).duty,
    ]


def build_app(
    settings: Settings, stores: Stores, *, clock: Clock, entropy: Entropy, passwords: Passwords | None = None
) -> Starlette:
    """The application alone."""
    return build_house(settings, stores, clock=clock, entropy=entropy, passwords=passwords).app
