"""server.settings."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from server.settings import NAMES, WrongSettings, in_effect, load_settings
from workspace.limits import Limits

DOCUMENTED = Path(__file__).resolve().parents[2] / "docs" / "settings.md"


def problems(environment: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(WrongSettings) as caught:
        load_settings(environment)
    return caught.value.problems


def test_nothing_set_is_good_and_other_names_are_not_ours() -> None:
    """[SET-1]"""
    settings = load_settings({"PATH": "/bin", "CONSILIUMX": "1", "consilium_port": "9"})
    assert settings.limits == Limits()
    assert settings.database == Path("data/consilium.sqlite3")


def test_wrong_and_unknown_ones_are_all_named_at_once() -> None:
    """[SET-1]"""
    found = problems(
        {
            "CONSILIUM_PROT": "8000",
            "CONSILIUM_PORT": "eighty",
            "CONSILIUM_LOG_FORMAT": "xml",
            "CONSILIUM_MAX_FRAME_BYTES": "many",
            "CONSILIUM_HELLO_SECONDS": "0",
            "CONSILIUM_PUBLIC_URL": "consilium.example",
            "CONSILIUM_DATA": " ",
            "CONSILIUM_ROOMS": "7",
            "CONSILIUM_MAX_AWARENESS_BYTES": "100000000",
        }
    )
    assert [problem.partition(":")[0] for problem in found] == [
        "CONSILIUM_DATA",
        "CONSILIUM_HELLO_SECONDS",
        "CONSILIUM_LOG_FORMAT",
        "CONSILIUM_MAX_FRAME_BYTES",
        "CONSILIUM_PORT",
        "CONSILIUM_PROT",
        "CONSILIUM_PUBLIC_URL",
        "CONSILIUM_ROOMS",
    ]


def test_an_unknown_one_comes_with_the_nearest_name() -> None:
    """[SET-1]"""
    assert problems({"CONSILIUM_MAX_FRAMES_BYTES": "1"}) == (
        "CONSILIUM_MAX_FRAMES_BYTES: there is no such setting; did you mean CONSILIUM_MAX_FRAME_BYTES?",
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CONSILIUM_PORT", "65536"),
        ("CONSILIUM_PORT", "-1"),
        ("CONSILIUM_SESSION_HOURS", "nan"),
        ("CONSILIUM_SESSION_HOURS", "0"),
        ("CONSILIUM_GATHER_SECONDS", "inf"),
        ("CONSILIUM_COMPACT_EVERY", "1.5"),
        ("CONSILIUM_MAX_OUTBOX_BYTES", "-5"),
        ("CONSILIUM_ALLOWED_ORIGINS", "https://a.example, ftp://b.example"),
        ("CONSILIUM_PUBLIC_URL", "https://a.example/path"),
        ("CONSILIUM_PUBLIC_URL", "https://user:secret@a.example"),
        ("CONSILIUM_DATABASE_URL", "mysql://user:secret@db/consilium"),
        ("CONSILIUM_DATABASE_URL", "postgresql+psycopg://user:secret@db/consilium"),
        ("CONSILIUM_DATABASE_URL", "postgresql://user:secret@db"),
        ("CONSILIUM_DATABASE_URL", "postgresql://user:secret@db:x/consilium"),
        ("CONSILIUM_DATABASE_URL", "sqlite://"),
        ("CONSILIUM_REDIS_URL", "http://user:secret@redis"),
        ("CONSILIUM_REDIS_URL", "redis://user:secret@redis:x/0"),
        ("CONSILIUM_REDIS_URL", "redis://"),
        ("CONSILIUM_LOG_LEVEL", "loud"),
    ],
)
def test_a_wrong_value_is_named_and_not_repeated(name: str, value: str) -> None:
    """[SET-1]"""
    (found,) = problems({name: value})
    assert found.startswith(f"{name}: ")
    assert "user:secret" not in found


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({"CONSILIUM_MAX_UPDATE_BYTES": "9000000"}, "CONSILIUM_MAX_UPDATE_BYTES"),
        ({"CONSILIUM_MAX_FRAME_BYTES": "1000000"}, "CONSILIUM_MAX_UPDATE_BYTES"),
        ({"CONSILIUM_MAX_DOCUMENT_BYTES": "1000000"}, "CONSILIUM_MAX_UPDATE_BYTES"),
        ({"CONSILIUM_MAX_OUTBOX_BYTES": "1000000"}, "CONSILIUM_MAX_FRAME_BYTES"),
        ({"CONSILIUM_FRAME_BURST": "100"}, "CONSILIUM_MAX_FRAMES_PER_SECOND"),
        ({"CONSILIUM_KEEPALIVE_SECONDS": "45"}, "CONSILIUM_KEEPALIVE_SECONDS"),
    ],
)
def test_bounds_that_contradict_each_other_are_refused(environment: dict[str, str], name: str) -> None:
    """[SET-1]"""
    (found,) = problems(environment)
    assert found.startswith(f"{name}: should be at most ")


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Limits)])
def test_every_bound_can_be_set(field: str) -> None:
    """[SET-1]"""
    default = getattr(Limits(), field)
    value = default * 0.5 if isinstance(default, float) else default - 1
    related = {"CONSILIUM_MAX_UPDATE_BYTES": "1024", "CONSILIUM_MAX_FRAMES_PER_SECOND": "10"}
    name = f"CONSILIUM_{field.upper()}"
    assert getattr(load_settings({**related, name: str(value)}).limits, field) == value


def test_a_secret_may_be_in_a_file(tmp_path: Path) -> None:
    """[SET-2]"""
    secret = tmp_path / "url"
    secret.write_text("sqlite:////var/lib/consilium.sqlite3\n")
    settings = load_settings({"CONSILIUM_DATABASE_URL_FILE": str(secret)})
    assert settings.database == Path("/var/lib/consilium.sqlite3")
    assert in_effect(settings)["CONSILIUM_DATABASE_URL"] == "(hidden)"
    assert "/var/lib" not in repr(settings)


@pytest.mark.parametrize(
    "url", ["postgresql+asyncpg://ada:hunter2@db/consilium", "postgresql://db:5433/consilium?sslmode=verify-full"]
)
def test_a_database_may_be_postgresql(url: str) -> None:
    """[SET-2] With our driver's name or without; its password is shown nowhere."""
    settings = load_settings({"CONSILIUM_DATABASE_URL": url})
    assert settings.database == url
    assert in_effect(settings)["CONSILIUM_DATABASE_URL"] == "(hidden)"
    assert "hunter2" not in repr(settings)


def test_a_bus_goes_with_a_database_that_nodes_share() -> None:
    """[SET-1] Nobody else writes to a SQLite file: a Redis beside it is a mistake, and is said to be one."""
    redis = {"CONSILIUM_REDIS_URL": "redis://:secret@redis:6379/0"}
    assert load_settings({**redis, "CONSILIUM_DATABASE_URL": "postgresql://db/consilium"}).redis is not None
    (found,) = problems(redis)
    assert found.startswith("CONSILIUM_REDIS_URL: ")
    assert "secret" not in found


def test_a_secret_is_given_once_and_readable(tmp_path: Path) -> None:
    """[SET-2]"""
    both = {"CONSILIUM_DATABASE_URL": "sqlite:///a", "CONSILIUM_DATABASE_URL_FILE": str(tmp_path / "url")}
    assert problems(both) == ("CONSILIUM_DATABASE_URL_FILE: set this or CONSILIUM_DATABASE_URL, not both",)
    (found,) = problems({"CONSILIUM_DATABASE_URL_FILE": str(tmp_path / "none")})
    assert found == "CONSILIUM_DATABASE_URL_FILE: the file cannot be read (FileNotFoundError)"
    (found,) = problems({"CONSILIUM_PORT_FILE": "x"})
    assert found.startswith("CONSILIUM_PORT_FILE: there is no such setting; did you mean CONSILIUM_PORT?")


def test_origins_are_spelled_as_browsers_do() -> None:
    """[AUT-2]"""
    settings = load_settings({"CONSILIUM_ALLOWED_ORIGINS": "HTTPS://Ward.Example:443/, http://localhost:5173"})
    assert settings.allowed_origins == ("https://ward.example", "http://localhost:5173")


def test_every_setting_is_documented_with_its_default() -> None:
    """[SET-1] docs/settings.md, row by row."""
    row = re.compile(r"^\| `(CONSILIUM_\w+)` \| (?:`(.+?)`|(\(not set\))) \| .+ \|$", re.MULTILINE)
    rows = row.findall(DOCUMENTED.read_text())
    assert {name: value or unset for name, value, unset in rows} == dict(in_effect(load_settings({})))
    assert len(rows) == len(NAMES)
