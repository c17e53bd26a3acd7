"""One server, whose store is behind a line that can be slowed down and cut."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from tests.e2e.media.line import Line, running_line
from tests.object_server import ObjectServer
from tests.servers import People, RunningServer, start_server


@pytest.fixture(scope="package")
def common_line(objects_server: ObjectServer) -> Iterator[Line]:
    """What browsers reach the store by."""
    with running_line(objects_server.papers.ports.s3) as line:
        yield line


@pytest.fixture
def line(common_line: Line) -> Iterator[Line]:
    """The same, as fast as it goes before and after a test."""
    yield common_line
    common_line.free()


@pytest.fixture(scope="package")
def common_server(
    tmp_path_factory: pytest.TempPathFactory, objects_server: ObjectServer, common_line: Line
) -> Iterator[RunningServer]:
    """A real server process with a store, which works on what is sent in processes that it starts once."""
    store = {**objects_server.settings(objects_server.fresh()), "CONSILIUM_S3_PUBLIC_ENDPOINT": common_line.url}
    with start_server(tmp_path_factory.mktemp("common") / "data", store) as running:
        yield running


@pytest.fixture
def case(server: RunningServer, people: People) -> str:
    """One with a lead and a contributor."""
    case = server.create_case(people.lead, "Sudden loss of vision")
    server.set_member(case, people.lead, people.contributor, "contributor")
    return case


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """One slice, with the spacing of its pixels."""
    path = tmp_path / "CT.dcm"
    path.write_bytes(Path(str(get_testdata_file("CT_small.dcm"))).read_bytes())
    return path
