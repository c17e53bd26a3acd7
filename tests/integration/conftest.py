"""Servers of their own for tests that break them or need other settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.servers import People, RunningServer, Settings, data_with_people, start_server

House = tuple[RunningServer, People]
MakeHouse = Callable[[Settings], House]


@pytest.fixture(scope="module")
def make_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeHouse]:
    """Starts servers with the given settings; all of them end with the module."""
    with ExitStack() as running:

        def make(settings: Settings) -> House:
            data = tmp_path_factory.mktemp("house") / "data"
            people = data_with_people(tmp_path_factory.getbasetemp(), data)
            return running.enter_context(start_server(data, settings)), people

        yield make
