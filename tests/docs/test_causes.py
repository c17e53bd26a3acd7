"""Whoever changes something through a port says who does it: the audit log would not know otherwise. [AUD-1]"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PASSING_ON = {"grant"}
"""Functions of the server's own that pass a cause on."""


@cache
def recorded() -> frozenset[str]:
    """The port methods that take a cause: `cases.create`…"""
    return frozenset(
        f"{path.stem}.{node.name}"
        for path in (ROOT / "storage" / "ports").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef)
        and any(argument.arg == "cause" for argument in (*node.args.args, *node.args.kwonlyargs))
    )


def nameless(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Calls of such methods that do not say who."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=value, attr=attribute), keywords=keywords):
                owner = ast.unparse(value).rpartition(".")[2].lstrip("_")
                name = f"{owner}.{attribute}"
            case ast.Call(func=ast.Name(id=name), keywords=keywords):
                pass
            case _:
                continue
        if name in recorded() | PASSING_ON and "cause" not in {keyword.arg for keyword in keywords}:
            yield node.lineno, name


@pytest.mark.parametrize("path", sorted((ROOT / "server").rglob("*.py")), ids=lambda path: path.stem)
def test_the_server_says_who_changes_something(path: Path) -> None:
    """[AUD-1]"""
    assert list(nameless(ast.parse(path.read_text()))) == []


def test_the_check_knows_what_changes_something() -> None:
    """[AUD-1] And would find a call that does not say who."""
    assert {"cases.create", "people.grant", "people.revoke", "journal.supersede", "sign_ins.end_all"} <= recorded()
    assert len(recorded()) > 20
    source = "await self._stores.cases.create(new)\nawait people.grant(a, cause=b)\nawait grant(a)\nx.create()"
    assert list(nameless(ast.parse(source))) == [(1, "cases.create"), (3, "grant")]
