"""server.body.read_query, by a model that has every kind of field."""

from __future__ import annotations

from typing import Literal

import pytest
from starlette.requests import Request

from server.body import GREATEST, Body, Whole, read_query
from workspace.errors import InvalidRequest


class Page(Body):
    """What a query may hold."""

    after: Whole = 0
    mine: bool = False
    state: Literal["open", "concluded"] | None = None
    q: str | None = None


def asked(query: str) -> Page:
    return read_query(Request({"type": "http", "query_string": query.encode(), "headers": []}), Page)


def test_a_query_is_read_into_its_types() -> None:
    """[API-2]"""
    assert asked("") == Page()
    assert asked(f"after={GREATEST}&mine=true&state=open&q=caf%C3%A9") == Page(
        after=GREATEST, mine=True, state="open", q="café"
    )


@pytest.mark.parametrize(
    "query",
    [
        *("after=-1", "after=+1", "after=%201", "after=1.0", "after=1_0", "after=1e3", "after=", "after=%D9%A1"),
        *(f"after={GREATEST + 1}", "mine=perhaps", "state=gone", "other=1", "after=1&after=2"),
    ],
)
def test_what_does_not_fit_is_refused_by_name_and_never_repeated(query: str) -> None:
    """[API-2] Numbers spelled in other ways, out of range, unknown names, names that come twice."""
    with pytest.raises(InvalidRequest) as refused:
        asked(query)
    said = str(refused.value)
    assert query.partition("=")[2] not in said.replace("0 or more", "") or query.endswith("=")
    assert any(name in said for name in ("after", "mine", "state", "not known here", "each name once"))
