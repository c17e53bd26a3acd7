"""People and cases on our own server, made as an operator makes them: by command line, then by the JSON interface."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

PEOPLE = 4
PASSWORD = "a bench password"  # noqa: S105 — of people who do not exist
ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Accounts:
    """A few people with a bearer token each; they play everybody."""

    emails: list[str]
    tokens: list[str]

    @classmethod
    def create(cls, folder: Path, people: int = PEOPLE) -> Accounts:
        """Add them to the data of a server that does not run yet."""
        emails = [f"person{number}@bench.example" for number in range(people)]
        for number, email in enumerate(emails):
            add = ["user", "add", email, "--name", f"Person {number}", "--password-stdin"]
            _consilium(folder, add, f"{PASSWORD}\n")
        return cls(emails, [_consilium(folder, ["token", email]) for email in emails])

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


def _consilium(folder: Path, arguments: Sequence[str], password: str = "") -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CONSILIUM_")}
    command = [sys.executable, "-m", "server", "--data", str(folder), *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, input=password, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout.strip()
