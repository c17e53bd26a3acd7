"""The specification, the tests and the interface hold each other: no rule without a test, no citation of nothing, no
route or closing code that is not written down."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from server.app import build_app
from server.problem import OUTCOMES
from server.settings import load_settings
from storage.memory import memory_stores
from workspace.ids import Millis

ROOT = Path(__file__).resolve().parents[2]
CODE = ("server", "workspace", "storage", "web/src", "bench", "docs")
TESTS = ("tests", "web/tests")
KINDS = {".py", ".ts", ".mjs", ".svelte", ".md"}
CITATION = re.compile(r"\[([A-Z]{2,4}-\d+)\]")
RULE = re.compile(r"^\| ([A-Z]{2,4}-\d+) \| (.+) \|$", re.MULTILINE)


def rules(text: str) -> list[tuple[str, str]]:
    """Each rule's id and sentence."""
    return [(each[1], each[2]) for each in RULE.finditer(text)]


@cache
def citations(*folders: str) -> Mapping[str, set[str]]:
    """Where each rule is cited."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in KINDS and not {"node_modules", "__pycache__"} & set(path.parts):
                for rule in CITATION.findall(path.read_text()):
                    found[rule].add(str(path.relative_to(ROOT)))
    return found


def endpoints(routes: Sequence[BaseRoute], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Method and path of everything the application answers; HEAD goes with GET."""
    for route in routes:
        match route:
            case Mount():
                yield from endpoints(route.routes, prefix + route.path)
            case Route(methods=set(methods)):
                yield from ((method, prefix + route.path) for method in methods - {"HEAD"})
            case WebSocketRoute():
                yield "WebSocket", prefix + route.path
            case _:
                raise AssertionError(f"an unknown kind of route: {route}")


SPEC = rules((ROOT / "docs" / "SPEC.md").read_text())


def test_the_specification_is_there() -> None:
    """[OPS-3] Otherwise the tests below would prove nothing."""
    assert len(SPEC) > 90
    assert len(citations(*TESTS)) > 90


def test_every_row_with_an_id_is_a_rule() -> None:
    """[OPS-3] A row that the expression above misses would be a rule that nobody checks."""
    rows = [
        line for line in (ROOT / "docs" / "SPEC.md").read_text().splitlines() if re.match(r"\|\s*\**[A-Z]+-\d", line)
    ]
    assert len(rows) == len(SPEC)


def test_an_id_names_one_rule() -> None:
    """[OPS-3]"""
    ids = [rule for rule, _ in SPEC]
    assert sorted(ids) == sorted(set(ids))
    sentences = [sentence for _, sentence in SPEC]
    assert len(sentences) == len(set(sentences))


@pytest.mark.parametrize("rule", [rule for rule, _ in SPEC])
def test_every_rule_has_a_test(rule: str) -> None:
    """[OPS-3]"""
    assert citations(*TESTS).get(rule), f"no test cites [{rule}]"


def test_every_citation_is_of_a_rule() -> None:
    """[OPS-3] In code, documents and tests."""
    known = {rule for rule, _ in SPEC}
    cited = citations(*CODE, *TESTS)
    assert {rule: places for rule, places in cited.items() if rule not in known} == {}


def test_every_route_is_documented_and_nothing_else_is() -> None:
    """[OPS-3]"""
    app = build_app(load_settings({}), memory_stores(), clock=lambda: Millis(0), entropy=os.urandom)
    answered = sorted(endpoints(app.routes))
    documented = re.findall(r"^\| ([A-Za-z]+) \| `(/[^`]*)` \|", (ROOT / "docs" / "http.md").read_text(), re.MULTILINE)
    assert sorted(documented) == answered
    assert len(answered) > 12


def test_every_closing_code_has_a_duty_in_words_and_on_the_page() -> None:
    """[ERR-1] What `docs/errors.md` says the client does, our own client knows how to do."""
    codes = {outcome.close_code for outcome in OUTCOMES.values()}
    table = re.findall(
        r"^\|[^|]+\| `[a-z-]+` \| \d+ \| (\d+) \|", (ROOT / "docs" / "errors.md").read_text(), re.MULTILINE
    )
    assert set(map(int, table)) == codes
    page = (ROOT / "web" / "src" / "sync" / "codes.ts").read_text()
    assert set(map(int, re.findall(r"^\s*\[(\d{4}), '", page, re.MULTILINE))) == codes
