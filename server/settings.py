"""Settings: `CONSILIUM_*` from the environment, secrets also as `*_FILE`; all that is wrong is named at once."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from email.utils import parseaddr
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    TypeAdapter,
    ValidationError,
)

from storage.ports import Addressing, Sse
from workspace.limits import Limits
from workspace.media import MediaLimits

PREFIX = "CONSILIUM_"
FILE = "_FILE"
SQLITE = "sqlite:///"
REDIS = ("redis", "rediss")
POSTGRES = ("postgresql+asyncpg", "postgresql")
EMBEDDED, OFF = "embedded", "off"
S3_BUCKET = r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]"
"""S3's rule for buckets, without dots: a certificate for all buckets of a host does not fit them."""
DEFAULT_PORTS = {"http": ":80", "https": ":443"}


class WrongSettings(Exception):
    """Some settings are wrong."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def parse_origin(text: str) -> str:
    """Spell an origin as browsers do: lower case, no default port, no path. Raises: ValueError."""
    parts = urlsplit(text.strip())
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or parts.path not in ("", "/"):
        raise ValueError("expected http://host[:port] or https://host[:port]")
    if parts.query or parts.fragment or parts.username is not None:
        raise ValueError("expected http://host[:port] or https://host[:port] and nothing more")
    return f"{parts.scheme}://{parts.netloc.lower().removesuffix(DEFAULT_PORTS[parts.scheme])}"


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _database(value: SecretStr) -> SecretStr:
    url = value.get_secret_value()
    if url.startswith(SQLITE) and url != SQLITE:
        return value
    try:
        parts = urlsplit(url)
        is_postgres = parts.scheme in POSTGRES and len(parts.path) > 1 and (parts.port or True)
    except ValueError:  # what it says of a wrong address may quote it, password and all
        is_postgres = False
    if not is_postgres:
        raise ValueError(
            "expected postgresql+asyncpg://user:password@host/database, sqlite:///relative/file or"
            " sqlite:////absolute/file"
        )
    return value


def _redis(value: SecretStr) -> SecretStr:
    try:
        parts = urlsplit(value.get_secret_value())
        is_redis = parts.scheme in REDIS and bool(parts.hostname) and (parts.port or True)
    except ValueError:  # as above
        is_redis = False
    if not is_redis:
        raise ValueError("expected redis://host[:port][/number], or rediss:// for TLS")
    return value


def parse_network(text: str) -> str:
    """An address or a network of proxies. Raises: ValueError for one that would trust everybody.

    With a proxy that is everybody, the address a request claims would be believed, and no limit would hold. [ACC-5]
    """
    network = ip_network(text.strip(), strict=False)
    if network.prefixlen == 0:
        raise ValueError("expected the addresses of your proxies, not everybody's")
    return text.strip()


def _mail_address(text: str) -> str:
    _, address = parseaddr(text)
    if "@" not in address or any(c in text for c in "\r\n"):
        raise ValueError("expected an e-mail address, or Name <address>")
    return text


def _s3_endpoint(text: str) -> str:
    return text if text in (EMBEDDED, OFF) else parse_origin(text)


Origin = Annotated[str, AfterValidator(parse_origin)]
Network = Annotated[str, AfterValidator(parse_network)]
Source = Literal["default", "environment", "file", "command line"]


class Settings(BaseModel):
    """All settings in effect. Each field is documented in `docs/settings.md`; a test holds the two together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path = Path("data")
    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    worker_port: Annotated[int, Field(ge=0, le=65535)] = 8001
    background_work: bool = True
    database_url: Annotated[SecretStr, AfterValidator(_database)] | None = None
    redis_url: Annotated[SecretStr, AfterValidator(_redis)] | None = None
    public_url: Origin | None = None
    allowed_origins: Annotated[tuple[Origin, ...], BeforeValidator(_split)] = ()
    trusted_proxies: Annotated[tuple[Network, ...], BeforeValidator(_split)] = ()
    session_hours: Annotated[float, Field(gt=0, le=24 * 90, allow_inf_nan=False)] = 12.0
    offline_hours: Annotated[float, Field(gt=0, le=24 * 90, allow_inf_nan=False)] = 72.0
    sign_ins_per_minute: Annotated[int, Field(ge=1)] = 10
    max_memory_bytes: Annotated[int, Field(ge=64 * 1024 * 1024)] | None = None
    max_body_bytes: Annotated[int, Field(ge=1024)] = 64 * 1024
    max_picture_bytes: Annotated[int, Field(ge=1024)] = 8 * 1024 * 1024
    body_seconds: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 10.0
    reserve_bytes: Annotated[int, Field(ge=0)] = 16 * 1024 * 1024
    max_photo_bytes: Annotated[int, Field(ge=1024)] = MediaLimits().max_photo_bytes
    max_dicom_bytes: Annotated[int, Field(ge=1024)] = MediaLimits().max_dicom_bytes
    max_video_bytes: Annotated[int, Field(ge=1024)] = MediaLimits().max_video_bytes
    max_pdf_bytes: Annotated[int, Field(ge=1024)] = MediaLimits().max_pdf_bytes
    max_case_media_bytes: Annotated[int, Field(ge=1024)] = MediaLimits().max_case_bytes
    max_open_uploads: Annotated[int, Field(ge=1)] = MediaLimits().max_open_uploads
    media_workers: Annotated[int, Field(ge=0, le=256)] | None = None
    media_memory_bytes: Annotated[int, Field(ge=512 * 1024**2)] = 4 * 1024**3
    media_seconds: Annotated[float, Field(gt=0, le=86400, allow_inf_nan=False)] = 7200.0
    media_folder: Path | None = None
    video_sound: bool = False
    upload_hours: Annotated[float, Field(gt=0, le=24 * 90, allow_inf_nan=False)] = 72.0
    drain_seconds: Annotated[float, Field(gt=0, le=600, allow_inf_nan=False)] = 10.0
    smtp_host: Annotated[str, Field(min_length=1)] | None = None
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = 587
    smtp_tls: Literal["starttls", "tls", "none"] = "starttls"
    smtp_ca_file: Path | None = None
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_seconds: Annotated[float, Field(gt=0, le=300, allow_inf_nan=False)] = 20.0
    mail_from: Annotated[str, AfterValidator(_mail_address)] | None = None
    s3_endpoint: Annotated[str, AfterValidator(_s3_endpoint)] = EMBEDDED
    s3_public_endpoint: Origin | None = None
    s3_bucket: Annotated[str, Field(pattern=f"^{S3_BUCKET}$")] = "consilium"
    s3_region: Annotated[str, Field(pattern="^[a-z0-9-]{1,40}$")] = "us-east-1"
    s3_access_key: SecretStr | None = None
    s3_secret_key: SecretStr | None = None
    s3_addressing: Addressing = "path"
    s3_sse: Sse = "none"
    s3_url_seconds: Annotated[int, Field(ge=60, le=7 * 86_400)] = 900
    s3_port: Annotated[int, Field(ge=0, le=65535)] = 0
    otlp_endpoint: Origin | None = None
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    limits: Limits = Limits()
    sources: Mapping[str, Source] = {}
    """Where each setting that is not the default came from, by its name."""

    @property
    def objects(self) -> Literal["s3", "embedded", "off"]:
        """Where images and files are kept. A server of our own is for who is alone on a SQLite file: on a PostgreSQL
        each node would have its own, and half of the files."""
        if self.s3_endpoint == EMBEDDED:
            return "embedded" if isinstance(self.database, Path) else "off"
        return "off" if self.s3_endpoint == OFF else "s3"

    @property
    def objects_folder(self) -> Path:
        """Of a server of our own."""
        return (self.data / "objects").resolve()

    @property
    def redis(self) -> str | None:
        """Where the bus between nodes is, with its password: never to be shown."""
        return None if self.redis_url is None else self.redis_url.get_secret_value()

    @property
    def media_limits(self) -> MediaLimits:
        """How much is taken into a case."""
        return MediaLimits(
            self.max_photo_bytes,
            self.max_dicom_bytes,
            self.max_video_bytes,
            self.max_pdf_bytes,
            self.max_case_media_bytes,
            self.max_open_uploads,
        )

    @property
    def database(self) -> Path | str:
        """A SQLite file, or a URL of PostgreSQL with its password: never to be shown."""
        if self.database_url is None:
            return self.data / "consilium.sqlite3"
        url = self.database_url.get_secret_value()
        return Path(url.removeprefix(SQLITE)) if url.startswith(SQLITE) else url


LIMIT_FIELDS = frozenset(field.name for field in dataclasses.fields(Limits))
PLAIN_FIELDS = frozenset(Settings.model_fields) - {"limits", "sources"}
SECRET_FIELDS = frozenset({"database_url", "redis_url", "smtp_password", "s3_access_key", "s3_secret_key"})
NAMES = {f"{PREFIX}{field.upper()}": field for field in sorted(PLAIN_FIELDS | LIMIT_FIELDS)}
FILE_NAMES = {f"{PREFIX}{field.upper()}{FILE}": field for field in sorted(SECRET_FIELDS)}
AT_MOST = (
    ("max_update_bytes", "max_frame_bytes", "an update travels in one frame"),
    ("max_update_bytes", "max_document_bytes", "an update becomes part of its document"),
    ("max_awareness_bytes", "max_frame_bytes", "awareness travels in one frame"),
    ("max_frame_bytes", "max_outbox_bytes", "a frame waits in the outbox of each receiver"),
    ("max_sessions_per_person", "max_sessions_per_room", "one person must not be able to fill more than a room"),
    ("max_frames_per_second", "frame_burst", "a second's frames may come at once"),
)
LONGEST_KEEPALIVE_SECONDS = 29.0
"""Clients drop a link that was silent for 30 s."""


def load_settings(environment: Mapping[str, str], options: Mapping[str, str] | None = None) -> Settings:
    """Read `CONSILIUM_*`; `options`, spelled alike, are those of the command line and go before them.

    Raises: WrongSettings, naming everything that is wrong or unknown at once. [SET-1] [SET-2]
    """
    options = options or {}
    environment = {**environment, **options}
    values, problems = _collect(environment)
    plain = {field: value for field, value in values.items() if field in PLAIN_FIELDS}
    bounds = {field: value for field, value in values.items() if field in LIMIT_FIELDS}
    wrong = dict(_wrong_fields(Settings, plain)) | dict(_wrong_fields(Limits, bounds)) | dict(_not_positive(bounds))
    problems += [f"{PREFIX}{field.upper()}: {why}" for field, why in wrong.items()]
    limits = TypeAdapter(Limits).validate_python({f: value for f, value in bounds.items() if f not in wrong})
    problems += [f"{PREFIX}{names[0].upper()}: {why}" for names, why in _incoherent(limits) if not wrong.keys() & names]
    problems += [*_unsendable(plain), *_unkept(plain)]
    if "redis_url" in plain.keys() - wrong.keys() and plain.get("database_url", SQLITE).startswith(SQLITE):
        problems.append(f"{PREFIX}REDIS_URL: goes with a PostgreSQL that nodes share; on SQLite there is one node")
    if problems:
        raise WrongSettings(tuple(sorted(problems)))
    return Settings.model_validate(plain | {"limits": limits, "sources": _sources(environment, options)})


def _unsendable(plain: Mapping[str, str]) -> Iterator[str]:
    """What mail needs beside a server to send it."""
    if "smtp_host" not in plain:
        return
    if "mail_from" not in plain:
        yield f"{PREFIX}MAIL_FROM: should be set: mail comes from somebody"
    if "public_url" not in plain:
        # A request's own Host header is what an attacker says it is: a link made of it would lead to them.
        yield f"{PREFIX}PUBLIC_URL: should be set: links in mail lead there"
    if "smtp_user" in plain and "smtp_password" not in plain:
        yield f"{PREFIX}SMTP_PASSWORD: should be set: {PREFIX}SMTP_USER is"


def _unkept(plain: Mapping[str, str]) -> Iterator[str]:
    """What a store of objects needs beside an address."""
    endpoint = plain.get("s3_endpoint", EMBEDDED)
    for field in ("s3_access_key", "s3_secret_key"):
        name = f"{PREFIX}{field.upper()}"
        if endpoint in (EMBEDDED, OFF) and field in plain:
            yield f"{name}: goes with an address in {PREFIX}S3_ENDPOINT; our own server has keys of its own"
        if endpoint not in (EMBEDDED, OFF) and field not in plain:
            yield f"{name}: should be set: {PREFIX}S3_ENDPOINT is"
    if "s3_endpoint" in plain and endpoint == EMBEDDED and not plain.get("database_url", SQLITE).startswith(SQLITE):
        yield f"{PREFIX}S3_ENDPOINT: embedded goes with SQLite; nodes that share a PostgreSQL share an S3 server too"


def _sources(environment: Mapping[str, str], options: Mapping[str, str]) -> Mapping[str, Source]:
    found: dict[str, Source] = {name: "environment" for name in NAMES if name in environment}
    found |= {name.removesuffix(FILE): "file" for name in FILE_NAMES if name in environment}
    return found | dict.fromkeys(options, "command line")


def in_effect(settings: Settings) -> Mapping[str, str]:
    """Every setting's name and value, secrets hidden."""
    shown: dict[str, str] = {}
    for name, field in NAMES.items():
        value = getattr(settings.limits if field in LIMIT_FIELDS else settings, field)
        if isinstance(value, tuple):
            value = ",".join(value)
        shown[name] = "(not set)" if value in (None, "") else "(hidden)" if field in SECRET_FIELDS else str(value)
    return shown


def _collect(environment: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    values: dict[str, str] = {}
    problems: list[str] = []
    for name in sorted(name for name in environment if name.startswith(PREFIX)):
        field = NAMES.get(name) or FILE_NAMES.get(name)
        if field is None:
            near = get_close_matches(name, [*NAMES, *FILE_NAMES], n=1)
            problems.append(f"{name}: there is no such setting" + (f"; did you mean {near[0]}?" if near else ""))
        elif field in values:
            problems.append(f"{name}: set this or {PREFIX}{field.upper()}, not both")
        elif not environment[name].strip():
            problems.append(f"{name}: is empty; leave it out to have the default")
        elif name in NAMES:
            values[field] = environment[name].strip()
        else:
            try:
                values[field] = Path(environment[name]).read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                problems.append(f"{name}: the file cannot be read ({type(error).__name__})")
    return values, problems


def _wrong_fields(kind: type[Settings | Limits], values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    try:
        TypeAdapter(kind).validate_python(values)
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_input=False):
            message = problem["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
            plain = message.startswith(("expected", "only"))
            yield str(problem["loc"][0]), message if plain else f"should be {message}"


def _not_positive(bounds: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for field, text in bounds.items():
        try:
            number = float(text)
        except ValueError:
            continue  # already named by its type
        if not math.isfinite(number) or number <= 0:
            yield field, "should be greater than 0"


def _incoherent(limits: Limits) -> Iterator[tuple[tuple[str, ...], str]]:
    for small, large, why in AT_MOST:
        if getattr(limits, small) > getattr(limits, large):
            yield (small, large), f"should be at most {PREFIX}{large.upper()}: {why}"
    if limits.keepalive_seconds > LONGEST_KEEPALIVE_SECONDS:
        yield ("keepalive_seconds",), f"should be at most {LONGEST_KEEPALIVE_SECONDS:g}: clients drop silent links"
