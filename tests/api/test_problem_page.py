"""GET /docs/errors."""

from __future__ import annotations

from tests.api.conftest import Ward


async def test_the_type_of_a_problem_leads_to_its_row(ward: Ward) -> None:
    """[ERR-1]"""
    address, _, fragment = (await ward.http.get("/api/me")).json()["type"].partition("#")
    page = await ward.http.get(address)
    assert page.status_code == 200
    assert f'<tr id="{fragment}"><td>{fragment}<td>Please sign in.<td>401<td>4401<td>signs in afresh' in page.text
    assert page.text.count("<tr id=") > 20
