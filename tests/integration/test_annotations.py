"""What is marked in a case, written over the wire and read back from the journal of a real server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.yclient import YClient
from tests.marks import FORM, check_model, graph_of, put
from tests.servers import RunningServer, Someone, data_with_people, start_server


def told(server: RunningServer, who: Someone, path: str) -> dict[str, Any]:
    answer = httpx.get(f"{server.url}/api{path}", headers={"Authorization": f"Bearer {who.token}"}, trust_env=False)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_marks_outlive_the_server_and_an_independent_parser_reads_them(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """[ANN-1] [ANN-8] [ANN-12] A consultant marks, somebody forges them; the server is killed; an observer asks."""
    shared = tmp_path_factory.getbasetemp() / "annotations-people"
    shared.mkdir(exist_ok=True)
    people = data_with_people(shared, tmp_path / "data")
    with start_server(tmp_path / "data") as server:
        case = people.open_case(server)
        for who, keys in ((people.consultant, ("a", "b")), (people.contributor, ("c",))):
            client = YClient(server, who, case, "discussion")
            for key in keys:
                put(client.doc, key, {**FORM, "creator": {"id": "members/x", "name": people.consultant.name}})
            async with client.connected():
                await client.until_saved()
        server.kill()
    with start_server(tmp_path / "data") as server:
        page = told(server, people.observer, f"/cases/{case}/annotations")
        graph = graph_of(page, told(server, people.observer, "/annotation-context"))
    assert check_model(graph) == 3
    assert {each["id"].rpartition("/")[2]: each["creator"]["name"] for each in page["items"]} == {
        "a": people.consultant.name,
        "b": people.consultant.name,
        "c": people.contributor.name,
    }
