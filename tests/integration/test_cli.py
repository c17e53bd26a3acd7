"""The command line as real processes on a real data folder, beside a running server and without one."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import pty
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import httpx
import pytest
import structlog

from server.cli import main
from tests.servers import (
    OFF,
    PASSWORD,
    ROOT,
    RunningServer,
    Someone,
    add_person,
    free_port,
    run_command,
    start_server,
    wait_until,
)

Done = subprocess.CompletedProcess[str]


def consilium(*words: str, environment: Mapping[str, str] | None = None, stdin: str = "") -> Done:
    """Run one command to its end."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CONSILIUM_")}
    return subprocess.run(
        [sys.executable, "-m", "server", *words],
        cwd=ROOT,
        env=inherited | OFF | dict(environment or {}),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def complaint(done: Done) -> str:
    """The one line of a command that could not."""
    assert done.returncode == 1, done
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("consilium: ")
    return line


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with start_server(tmp_path_factory.mktemp("cli") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def lead(server: RunningServer) -> Someone:
    return add_person(server.data, "ada@example.org", "Ada Lovelace")


@pytest.fixture(scope="module")
def colleague(server: RunningServer) -> Someone:
    return add_person(server.data, "grace@example.org", "Grace Hopper")


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["dance"],
        ["user", "add"],
        ["user", "add", "not-an-address", "--name", "A", "--password-stdin"],
        ["user", "add", "a@example.org", "--name", "A", "--role", "king"],
        ["user", "add", "a@example.org", "--name", "two\nlines"],
        ["token", "a@example.org", "--ttl", "0"],
        ["token", "a@example.org", "--ttl", "soon"],
        ["case", "create", "A title"],
        ["case", "member", "k" * 16, "a@example.org", "--role", "moderator"],
        ["serve", "--colour", "red"],
        ["backup"],
        ["restore"],
        ["user", "deactivate"],
    ],
)
def test_wrong_usage_is_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    """[CLI-1]"""
    with pytest.raises(SystemExit) as ended:
        main(["--data", str(tmp_path / "data"), *words])
    assert ended.value.code == 2
    assert "usage: consilium" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


def test_the_process_ends_with_that_status(tmp_path: Path) -> None:
    """[CLI-1]"""
    done = consilium("--data", str(tmp_path / "data"), "dance")
    assert (done.returncode, done.stdout) == (2, "")


def test_an_operator_makes_people_and_cases_without_a_server(tmp_path: Path) -> None:
    """[CLI-1] Each prints what was asked for and nothing else."""
    data = str(tmp_path / "new" / "data")
    words = ("user", "add", "ada@example.org", "--name", "Ada Müller", "--role", "moderator", "--password-stdin")
    person = consilium("--data", data, *words, stdin="correct horse\n")
    assert (person.returncode, person.stderr) == (0, "")
    assert re.fullmatch(r"[a-z2-7]{16}\n", person.stdout)
    token = consilium("token", "ADA@example.org", "--data", data)
    assert (token.returncode, token.stderr) == (0, "")
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}\n", token.stdout)
    case = consilium("case", "create", "Fièvre", "--lead", "ada@example.org", environment={"CONSILIUM_DATA": data})
    assert (case.returncode, case.stderr) == (0, "")
    assert re.fullmatch(r"[a-z2-7]{16}\n", case.stdout)
    assert consilium("--data", data, "migrate").returncode == 0
    assert Path(data).stat().st_mode & 0o077 == 0


@pytest.fixture
def run_here(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Done]]:
    """The same in this process: ten starts of an interpreter prove no more than one."""
    root = logging.getLogger()
    handlers = list(root.handlers)

    def run(*words: str, stdin: str = "") -> Done:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        status = main(["--data", str(tmp_path / "data"), *words])
        printed = capsys.readouterr()
        return Done(words, status, printed.out, printed.err)

    yield run
    root.handlers[:] = handlers
    structlog.reset_defaults()


def test_what_cannot_be_done_is_one_line(run_here: Callable[..., Done]) -> None:
    """[CLI-1]"""
    add = ("user", "add", "ada@example.org", "--name", "Ada", "--password-stdin")
    assert "8 to 1024 characters" in complaint(run_here(*add, stdin="short\n"))
    assert run_here(*add, stdin="correct horse\n").returncode == 0
    assert "already has" in complaint(run_here(*add, stdin="correct horse\n"))
    assert "nobody has" in complaint(run_here("token", "nobody@example.org"))
    assert "nobody has" in complaint(run_here("user", "deactivate", "nobody@example.org"))
    assert "nobody has" in complaint(run_here("case", "create", "A", "--lead", "nobody@example.org"))
    member = ("case", "member")
    assert "no case" in complaint(run_here(*member, "k" * 16, "ada@example.org", "--role", "observer"))
    case = run_here("case", "create", "A", "--lead", "ada@example.org").stdout.strip()
    assert "needs a lead" in complaint(run_here(*member, case, "ada@example.org", "--role", "none"))
    assert "no terminal" in complaint(run_here("user", "add", "b@example.org", "--name", "B"))


def test_a_folder_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    """[CLI-1]"""
    (tmp_path / "file").write_text("x")
    assert "cannot use the data folder" in complaint(consilium("--data", str(tmp_path / "file"), "serve"))
    (tmp_path / "consilium.sqlite3").write_text("this is no database, and longer than the header of one" * 4)
    complaint(consilium("--data", str(tmp_path), "migrate"))


@pytest.mark.parametrize(("second", "status"), [("correct horse", 0), ("another horse", 1)])
def test_a_password_is_asked_for_twice_at_a_terminal(tmp_path: Path, second: str, status: int) -> None:
    """[CLI-1] And never shown."""
    words = [sys.executable, "-m", "server", "--data", str(tmp_path / "data"), "user", "add", "ada@example.org"]
    ours, theirs = pty.openpty()
    asked = subprocess.Popen(
        [*words, "--name", "Ada"],
        cwd=ROOT,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,  # without the terminal of whoever runs the tests
    )
    seen = b""
    for prompt, password in ((b"Password: ", "correct horse"), (b"Once more: ", second)):
        while prompt not in seen:
            seen += os.read(ours, 1024)
        os.write(ours, f"{password}\n".encode())
    assert asked.wait(60) == status
    os.close(theirs)
    with contextlib.suppress(OSError):  # a terminal whose other end is closed
        seen += os.read(ours, 1024)
    os.close(ours)
    assert (b"the two passwords differ" in seen) == (status == 1)
    assert b"horse" not in seen


def test_wrong_settings_stop_the_start_all_named_at_once(tmp_path: Path) -> None:
    """[SET-1]"""
    environment = {"CONSILIUM_PROT": "1", "CONSILIUM_LOG_LEVEL": "loud"}
    line = complaint(consilium("--data", str(tmp_path / "data"), "serve", "--port", "x", environment=environment))
    assert all(name in line for name in ("CONSILIUM_PORT", "CONSILIUM_PROT", "CONSILIUM_LOG_LEVEL"))
    assert not (tmp_path / "data").exists()


def test_check_config_shows_what_is_wrong_or_what_is_in_effect(tmp_path: Path) -> None:
    """[SET-1] [SET-2]"""
    wrong = consilium("check-config", environment={"CONSILIUM_PROT": "1", "CONSILIUM_LOG_LEVEL": "loud"})
    assert wrong.returncode == 1
    assert [line.partition(":")[0] for line in wrong.stdout.splitlines()] == ["CONSILIUM_LOG_LEVEL", "CONSILIUM_PROT"]
    assert wrong.stderr == "consilium: 2 of the settings are wrong\n"
    url = f"sqlite:///{tmp_path}/secret-place.sqlite3"
    good = consilium(
        "check-config", environment={"CONSILIUM_DATABASE_URL": url, "CONSILIUM_MAX_FRAME_BYTES": "5000000"}
    )
    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout.splitlines()[0] == "configuration is good"
    assert "CONSILIUM_MAX_FRAME_BYTES=5000000" in good.stdout.splitlines()
    assert "CONSILIUM_DATABASE_URL=(hidden)" in good.stdout.splitlines()
    assert "secret-place" not in good.stdout


def test_a_second_server_on_the_same_folder_is_refused(server: RunningServer) -> None:
    """[SET-3] And the first one does not notice."""
    line = complaint(consilium("--data", str(server.data), "serve", "--port", "0"))
    assert line == f"consilium: another server already serves the data folder {server.data}"
    assert server.get("/readyz").status == 200


def test_a_second_server_on_the_same_database_is_refused(tmp_path: Path) -> None:
    """[SET-3] Two folders may share a database only by mistake."""
    url = {"CONSILIUM_DATABASE_URL": f"sqlite:///{tmp_path}/shared.sqlite3"}
    with start_server(tmp_path / "one", url):
        line = complaint(consilium("--data", str(tmp_path / "two"), "serve", "--port", "0", environment=url))
    assert line == "consilium: another server already serves the database shared.sqlite3"


def test_a_lock_left_by_a_killed_server_does_not_stop_the_next(tmp_path: Path) -> None:
    """[SET-3]"""
    with start_server(tmp_path / "data") as first:
        first.kill()
        first.start()
        assert first.get("/readyz").status == 200


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    """[CLI-1]"""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = complaint(consilium("--data", str(tmp_path / "data"), "serve", "--port", str(port)))
    assert f"cannot listen on 127.0.0.1 port {port}" in line


def test_people_and_tokens_made_beside_a_server_work_in_it_at_once(server: RunningServer) -> None:
    """[CLI-2]"""
    words = ("user", "add", "new@example.org", "--name", "Somebody New", "--role", "clinician", "--password-stdin")
    new = run_command(server.data, *words, stdin=f"{PASSWORD}\n")
    person = server.get("/api/me", server.command("token", "new@example.org")).json()["person"]
    assert isinstance(person, dict)
    assert (person["id"], person["name"], person["standing"]) == (new, "Somebody New", "clinician")


def test_cases_and_members_made_beside_a_server_work_in_it_at_once(
    server: RunningServer, lead: Someone, colleague: Someone
) -> None:
    """[CLI-2]"""
    case = server.command("case", "create", "Fever", "--lead", lead.email)
    assert server.get(f"/api/cases/{case}", lead.token).json()["role"] == "lead"
    assert server.get(f"/api/cases/{case}", colleague.token).status == 404
    for role, status in (("observer", 200), ("contributor", 200), ("none", 404)):
        server.command("case", "member", case, colleague.email, "--role", role)
        answer = server.get(f"/api/cases/{case}", colleague.token)
        assert answer.status == status
        if status == 200:
            assert answer.json()["role"] == role


def test_somebody_is_deactivated_and_reactivated_beside_a_server(server: RunningServer) -> None:
    """[CLI-2] [ACC-17] [BAK-5] After a restore, before anybody else signs in."""
    gone = add_person(server.data, "gone@example.org", "Somebody Gone")
    server.command("user", "deactivate", gone.email)
    assert server.get("/api/me", gone.token).status == 401
    server.command("user", "reactivate", gone.email)
    assert server.get("/api/me", server.command("token", gone.email)).status == 200


def test_a_token_lives_as_long_as_it_was_given(server: RunningServer, lead: Someone) -> None:
    """[AUT-5]"""
    token = server.command("token", lead.email, "--ttl", "1")
    assert server.get("/api/me", token).status == 200
    wait_until(lambda: server.get("/api/me", token).status == 401, seconds=5, what="the token to end")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_drains_and_ends_with_status_0(tmp_path: Path, number: signal.Signals) -> None:
    """[CLI-1] [ROOM-12]"""
    with start_server(tmp_path / "data") as running:
        running.process.send_signal(number)
        assert running.process.wait(20) == 0
        events = re.findall(r'"event": "([a-z_.]+)"', running.log())
        assert events[-1] == "server.stopped"
        assert "server.draining" in events
        assert "Traceback" not in running.log()


def test_a_process_that_is_told_to_stop_while_it_starts_stops(tmp_path: Path) -> None:
    """[DEP-5] It handles the signal before it does anything else: process 1 of a container hears no other."""
    words = [sys.executable, "-m", "server", "serve", "--data", str(tmp_path / "data"), "--port", "0"]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def handles_it() -> bool:
        caught = re.search(r"^SigCgt:\s*([0-9a-f]+)$", Path(f"/proc/{process.pid}/status").read_text(), re.MULTILINE)
        assert caught is not None
        return bool(int(caught[1], 16) >> (signal.SIGTERM - 1) & 1)

    wait_until(handles_it, seconds=20, what="the process to handle SIGTERM")
    process.send_signal(signal.SIGTERM)
    said, complained = process.communicate(timeout=20)
    assert process.returncode == 128 + signal.SIGTERM
    assert "listens" not in said
    assert complained == ""


def start_demo(data: Path, out: Path, *options: str) -> subprocess.Popen[bytes]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CONSILIUM_")}
    words = [sys.executable, "-m", "server", "demo", "--data", str(data), "--port", str(free_port()), *options]
    with out.open("wb") as stream:
        process = subprocess.Popen(words, cwd=ROOT, env=inherited, stdout=stream, stderr=subprocess.DEVNULL)

    def is_announced() -> bool:
        assert process.poll() is None
        return out.read_text().count("/enter#") == 6

    wait_until(is_announced, seconds=30, what="the demo's links")
    return process


def links(out: Path) -> dict[str, tuple[str, str]]:
    """Name → (address, link)."""
    found = re.findall(r"^  (.+?): .*\n    (http://127\.0\.0\.1:\d+)/enter#(\S+)$", out.read_text(), re.MULTILINE)
    return {name: (address, link) for name, address, link in found}


@contextlib.contextmanager
def enter(address: str, link: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address) as client:
        assert client.post("/api/sign-in", json={"link": link}).status_code == 200
        yield client


def test_the_demo_lets_everybody_in_and_is_seeded_once(tmp_path: Path) -> None:
    """[DEMO-2] [JRN-11] A second start finds its cases as people left them."""
    seen: list[object] = []
    for start in ("first", "second"):
        out = tmp_path / f"{start}.txt"
        process = start_demo(tmp_path / "demo", out, "--without-images")
        try:
            everybody = links(out)
            assert len(everybody) == 6
            assert "http.request" not in out.read_text(), "lines of a log carry the links off"
            for name, (address, link) in everybody.items():
                with enter(address, link) as client:
                    assert client.get("/api/me").json()["person"]["name"] == name
                    cases = client.get("/api/cases").json()["cases"]
                    assert len(cases) == (0 if name == "Sam Whitfield" else 2)
            address, link = everybody["Dr Amara Okafor"]
            with enter(address, link) as client:
                case = next(case for case in client.get("/api/cases").json()["cases"] if case["role"] == "lead")
                history = client.get(f"/api/cases/{case['id']}/documents/record/history").json()
                assert history["head"] == 1
                if start == "first":
                    body = {"email": "rafael@demo.example", "role": "consultant"}
                    headers = {"Origin": address}
                    members = client.put(f"/api/cases/{case['id']}/members", json=body, headers=headers)
                    assert members.status_code == 200
                else:
                    members = client.get(f"/api/cases/{case['id']}")
                seen.append((history, members.json()["members"]))
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
    assert seen[0] == seen[1]


def test_the_demo_does_not_mix_fiction_into_a_folder_in_use(server: RunningServer, lead: Someone) -> None:
    """[DEMO-3]"""
    assert "not the demo's" in complaint(consilium("--data", str(server.data), "demo", "--port", "0"))
    assert server.get("/api/me", lead.token).status == 200
