"""server.problem: one outcome for every error, in code and in docs/errors.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.problem import OUTCOMES, outcome_of, problem
from workspace.errors import ConsiliumError, StorageUnavailable, Superseded, TooManySessions

DOCUMENTED = Path(__file__).resolve().parents[2] / "docs" / "errors.md"


def tree(kind: type[ConsiliumError]) -> Iterator[type[ConsiliumError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from tree(child)


EVERY_ERROR = sorted(set(tree(ConsiliumError)), key=lambda kind: kind.__name__)


def make(kind: type[ConsiliumError]) -> ConsiliumError:
    return Superseded("case/record~2") if kind is Superseded else kind()


def test_the_tree_is_there() -> None:
    """[ERR-1] Otherwise the tests below would prove nothing."""
    assert len(EVERY_ERROR) > 20


@pytest.mark.parametrize("kind", EVERY_ERROR)
def test_every_error_has_an_outcome_of_its_own_family(kind: type[ConsiliumError]) -> None:
    """[ERR-1] Only the root may be a 500: a class that nobody thought of must not pass for one that somebody did."""
    outcome = outcome_of(make(kind))
    assert (outcome.status == 500) == (kind is ConsiliumError)
    assert (outcome.close_code == 1011) == (kind is ConsiliumError)
    assert 4400 <= outcome.close_code < 4500 or outcome.close_code in (1009, 1011, 1012, 1013, 4205)


def test_anything_else_is_a_500() -> None:
    """[ERR-1]"""
    for error in (KeyError("x"), RuntimeError(), BaseException()):
        assert outcome_of(error) is OUTCOMES[ConsiliumError]


@pytest.mark.parametrize("kind", EVERY_ERROR)
def test_every_error_is_documented(kind: type[ConsiliumError]) -> None:
    """[ERR-1] docs/errors.md, row by row."""
    error, outcome = make(kind), outcome_of(make(kind))
    row = f"| `{error.reason}` | {outcome.status} | {outcome.close_code} | {outcome.client} | {outcome.level.value} |"
    (documented,) = re.findall(rf"^\| {kind.__name__}\b[^|]* (\|.*)$", DOCUMENTED.read_text(), re.MULTILINE)
    assert documented == row


def test_nothing_else_is_documented() -> None:
    """[ERR-1]"""
    rows = re.findall(r"^\| (\w+)[^|]*\| `[a-z-]+` \|", DOCUMENTED.read_text(), re.MULTILINE)
    assert sorted(rows) == [kind.__name__ for kind in EVERY_ERROR]


@pytest.mark.parametrize("kind", EVERY_ERROR)
def test_a_problem_is_what_rfc_9457_asks_for(kind: type[ConsiliumError]) -> None:
    """[ERR-1]"""
    response = problem(make(kind))
    body = json.loads(bytes(response.body))
    assert response.media_type == "application/problem+json"
    assert body["status"] == response.status_code
    assert body["type"] == f"/docs/errors#{body['reason']}"
    assert body["title"].endswith(".")
    assert ("Retry-After" in response.headers) == (response.status_code in (429, 503))
    assert ("WWW-Authenticate" in response.headers) == (response.status_code == 401)


def test_what_failed_inside_is_not_told() -> None:
    """[ERR-2]"""
    assert b"disk" not in bytes(problem(StorageUnavailable("disk /dev/sda")).body)


def test_a_superseded_document_names_its_successor() -> None:
    """[JRN-9]"""
    assert json.loads(bytes(problem(Superseded("case/record~2")).body))["successor"] == "case/record~2"


def test_too_many_says_how_long_to_wait() -> None:
    """[AUT-4]"""
    assert problem(TooManySessions(retry_after_seconds=7)).headers["Retry-After"] == "7"
