"""The walls that import-linter cannot see: `workspace/` awaits nothing, and imports only what is named here."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "workspace").rglob("*.py"))
# The standard library's values and the one CRDT; what is not named needs a reason before it comes in.
ALLOWED = {
    "__future__",
    "base64",
    "bisect",
    "collections",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "hashlib",
    "hmac",
    "html",
    "itertools",
    "json",
    "math",
    "operator",
    "pycrdt",
    "re",
    "string",
    "struct",
    "types",
    "typing",
    "unicodedata",
    "workspace",
    "zlib",
}
# `datetime` is a value, `datetime.now()` a clock; `open` and `print` need no import at all.
CLOCKS = {"now", "utcnow", "today"}
DOORS = {"open", "print", "input", "__import__", "eval", "exec"}


def imported(tree: ast.Module) -> set[str]:
    """The top-level packages that a module imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module or "")
    return {name.partition(".")[0] for name in names}


def impure(tree: ast.Module) -> Iterator[str]:
    """Each place where a module waits, reads a clock or opens something."""
    for node in ast.walk(tree):
        match node:
            case ast.AsyncFunctionDef() | ast.Await() | ast.AsyncFor() | ast.AsyncWith():
                yield f"line {node.lineno}: {type(node).__name__}"
            case ast.Call(func=ast.Attribute(attr=name)) if name in CLOCKS:
                yield f"line {node.lineno}: {name}()"
            case ast.Call(func=ast.Name(id=name)) if name in DOORS:
                yield f"line {node.lineno}: {name}()"


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_workspace_module_is_pure(module: Path) -> None:
    """[OPS-2] No await, no I/O, no clock: what a room does follows from what it was given."""
    tree = ast.parse(module.read_text())
    assert imported(tree) - ALLOWED == set()
    assert list(impure(tree)) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("async def f():\n    await g()", ["line 1: AsyncFunctionDef", "line 2: Await"]),
        ("from datetime import datetime\ndatetime.now()", ["line 2: now()"]),
        ("open('x')", ["line 1: open()"]),
        ("datetime(2024, 1, 1)", []),
    ],
)
def test_the_check_itself_sees_what_it_looks_for(source: str, found: list[str]) -> None:
    """[OPS-2] A check that cannot fail proves nothing."""
    assert sorted(impure(ast.parse(source))) == found


def test_the_check_sees_imports_inside_functions() -> None:
    """[OPS-2] An import that is hidden in a function is an import."""
    assert imported(ast.parse("def f():\n    import asyncio.locks\n    from time import time")) == {"asyncio", "time"}
