"""People and cases on our own server, made as an operator makes them: by the commands, then by the JSON interface."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from server import commands
from server.premises import make_data_folder, wall_clock
from server.settings import load_settings
from storage.stores import open_stores
from workspace.case import Standing

PEOPLE = 4
PASSWORD = "a bench password"  # noqa: S105 — of people who do not exist
TOKEN_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Accounts:
    """A few people with a bearer token each; they play everybody."""

    emails: list[str]
    tokens: list[str]

    @classmethod
    async def create(cls, folder: Path, people: int = PEOPLE) -> Accounts:
        """Add them to the data of a server that does not run yet.

        By what the command line calls, not by the command line: its start takes two seconds, twice for each of them.
        """
        settings = load_settings({}, {"CONSILIUM_DATA": str(folder)})
        make_data_folder(settings)
        emails = [f"person{number}@bench.example" for number in range(people)]
        tokens = []
        async with open_stores(settings.database) as stores:
            for number, email in enumerate(emails):
                await commands.add_user(
                    stores,
                    email=email,
                    name=f"Person {number}",
                    standing=Standing.CLINICIAN,
                    password=PASSWORD,
                    now=wall_clock(),
                    entropy=os.urandom,
                )
                token = await commands.make_token(
                    stores, email=email, ttl_seconds=TOKEN_SECONDS, now=wall_clock(), entropy=os.urandom
                )
                tokens.append(token)
        return cls(emails, tokens)

    def cases(self, port: int, count: int, people: int) -> list[str]:
        """The ids of new cases in which the first `people` of them may write."""
        line = HTTPConnection("127.0.0.1", port, timeout=30)
        cases: list[str] = []
        for number in range(count):
            case = _ask(line, "POST", "/api/cases", {"title": f"Bench {number}"}, self.tokens[0])["case"]
            assert isinstance(case, dict)
            cases.append(str(case["id"]))
            for email in self.emails[1:people]:
                member = {"email": email, "role": "contributor"}
                _ask(line, "PUT", f"/api/cases/{case['id']}/members", member, self.tokens[0])
        line.close()
        return cases


def _ask(line: HTTPConnection, method: str, path: str, body: dict[str, str], token: str) -> dict[str, object]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    line.request(method, path, json.dumps(body), headers)
    response = line.getresponse()
    text = response.read()
    if response.status not in (200, 201):
        raise RuntimeError(f"{method} {path}: {response.status} {text[:200]!r}")
    answer: dict[str, object] = json.loads(text)
    return answer
