"""One server for each test, whose store is behind a line that can be slowed down and cut."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from tests.e2e.media.line import Line, running_line
from tests.object_server import ObjectServer
from tests.servers import People, RunningServer, start_server


@pytest.fixture
def line(objects_server: ObjectServer) -> Iterator[Line]:
    """What browsers reach the store by."""
    with running_line(objects_server.papers.ports.s3) as line:
        yield line


@pytest.fixture
def server(tmp_path: Path, people: People, objects_server: ObjectServer, line: Line) -> Iterator[RunningServer]:
    """A real server process, with an empty store."""
    del people  # made first, in the same folder
    store = {**objects_server.settings(objects_server.fresh()), "CONSILIUM_S3_PUBLIC_ENDPOINT": line.url}
    with start_server(tmp_path / "data", store) as running:
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
