"""schemathesis reads `/openapi.json` of a running server and asks what nobody thought of: answers are as described."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.object_server import ObjectServer
from tests.servers import data_with_people, start_server
from tests.thorough import short_or_long

SEED = "20261124"
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,negative_data_rejection,unsupported_method,allow_header_conformance"
)
REFUSED = ("400", "401", "403", "404", "405", "409", "413", "415", "429")
"""What bad data may be answered: 413 too, where it is also too much."""
ENDS_THE_SIGN_IN = "auth_sign_out"


EXAMPLES = short_or_long((("moderator", 8), ("lead", 4), (None, 2)), (("moderator", 50), ("lead", 25), (None, 12)))
"""How many made-up requests to each operation, beside those that cover the bounds of each parameter."""


@pytest.mark.timeout(short_or_long(600, 1800))
@pytest.mark.parametrize(("who", "examples"), EXAMPLES)
def test_the_running_server_answers_as_it_is_described(
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    objects_server: ObjectServer,
    who: str | None,
    examples: int,
) -> None:
    """[OAS-7] Good and bad requests to every route, and chains of them, by a moderator, a clinician and nobody."""
    shared = tmp_path_factory.getbasetemp() / "described-people"
    shared.mkdir(exist_ok=True)
    people = data_with_people(shared, tmp_path / "data")
    # With a place for files: without one, what is asked about them is answered 503.
    settings = {"CONSILIUM_SIGN_INS_PER_MINUTE": "1000", **objects_server.settings(objects_server.fresh())}
    with start_server(tmp_path / "data", settings) as server:
        case = people.open_case(server)
        (tmp_path / "good.toml").write_text(f'[parameters]\n"path.case" = "{case}"\n')
        # It would put what it read into bad requests too, and then wonder that they are good.
        (tmp_path / "any.toml").write_text(
            "[phases.coverage.extra-data-sources]\nresponses = false\n"
            f"[checks.negative_data_rejection]\nexpected-statuses = {[*REFUSED]}\n"
        )
        signed = [] if who is None else ["-H", f"Authorization: Bearer {getattr(people, who).token}"]
        left_out = [] if who is None else ["--exclude-operation-id", ENDS_THE_SIGN_IN]
        bounds = ["--checks", CHECKS, "--seed", SEED, "--max-examples", str(examples), "--generation-database", "none"]
        words = ["run", f"{server.url}/openapi.json", "--no-color", *signed, *left_out, *bounds]
        # A case that is there for well-formed requests; for bad ones every part is made up, ids too.
        assert_nothing_found(tmp_path, ["--config-file", "good.toml", *words, "--mode", "positive"])
        assert_nothing_found(tmp_path, ["--config-file", "any.toml", *words])
        assert server.is_alive


def assert_nothing_found(folder: Path, words: Sequence[str]) -> None:
    command = [sys.executable, "-m", "schemathesis.cli", *words]
    patience = short_or_long(250, 900)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=patience, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-8000:]
    asked = re.search(r"(\d+) generated", done.stdout)
    assert asked is not None, done.stdout
    assert int(asked[1]) > 50, "too few requests to prove anything"
