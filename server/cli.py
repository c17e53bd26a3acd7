"""The command line: `consilium`. Exit status 0 when done, 2 for wrong usage, 1 with one line on stderr otherwise."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from pydantic import TypeAdapter, ValidationError

from server import audit_log, cli_backups, commands, demo
from server.body import Email, OneLine
from server.cluster import demo as cluster_demo
from server.demo_media.beside import Beside
from server.embedded import alone
from server.logs import configure, silence
from server.media_remakes import remake_media
from server.media_verify import verify_media
from server.media_worker.beside import COMMAND as MEDIA_WORKER
from server.media_worker.beside import TELL
from server.media_worker.process import work_on_media
from server.premises import CommandFailed, make_data_folder, wall_clock
from server.settings import Settings, WrongSettings, in_effect, load_settings
from storage.migrations import Schema
from storage.ports import Stores
from storage.stores import find_schema, open_node, open_stores
from workspace.case import MEMBER_ROLES, Role, Standing
from workspace.errors import ConsiliumError

DAY_SECONDS = 86_400
LONGEST_TTL_SECONDS = 365 * DAY_SECONDS
OPTIONS = frozenset({"data", "host", "port", "worker_port", "s3_port"})
"""Settings that the command line knows by an option."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the answer is the exit status."""
    arguments = _parser().parse_args(argv)
    silence()  # `serve` and `demo` configure logging when they know the settings
    try:
        run: Callable[[argparse.Namespace], None] = arguments.run
        run(arguments)
    except WrongSettings as error:
        return _complain(f"wrong settings: {error}")
    except (CommandFailed, ConsiliumError) as error:
        return _complain(str(error))
    except KeyboardInterrupt:
        return _complain("interrupted")
    return 0


def _complain(line: str) -> int:
    sys.stderr.write(f"consilium: {' '.join(line.splitlines())}\n")
    return 1


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--data", metavar="DIR", default=argparse.SUPPRESS, help="the data folder (default: data)")
    parser = argparse.ArgumentParser(
        prog="consilium", description="Work on one medical case together.", parents=[shared]
    )
    commands_ = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name, run, about in (
        ("serve", _serve, "run the server"),
        ("demo", _demo, "run the server with fictional people and cases; prints sign-in links"),
        ("cluster-demo", _cluster_demo, "the same with two servers, PostgreSQL and Redis, on this machine"),
    ):
        serving = commands_.add_parser(name, help=about, parents=[shared])
        serving.add_argument("--host", default=argparse.SUPPRESS, help="the address to listen on (default: 127.0.0.1)")
        serving.add_argument("--port", default=argparse.SUPPRESS, help="the port; 0 takes a free one (default: 8000)")
        serving.set_defaults(run=run)
        if run is _demo:
            serving.add_argument("--without-images", action="store_true", help="bring no images into its cases")
    worker = commands_.add_parser(
        "worker", help="do background work for servers that share a database", parents=[shared]
    )
    worker.add_argument("--host", default=argparse.SUPPRESS, help="where its health is asked for (default: 127.0.0.1)")
    worker.add_argument(
        "--port",
        dest="worker_port",
        default=argparse.SUPPRESS,
        help="the port of that; 0 takes a free one (default: 8001)",
    )
    worker.set_defaults(run=_work)
    media_worker = commands_.add_parser(MEDIA_WORKER, parents=[shared])
    media_worker.add_argument(TELL, type=int)
    media_worker.set_defaults(run=_work_on_media)
    media = cli_backups.add_media(commands_, shared, _settings)
    verifying = media.add_parser("verify", help="read every object again; say what differs", parents=[shared])
    verifying.set_defaults(run=_verify_media)
    remaking = media.add_parser(
        "remake", help="make what viewers need anew where that failed; says how much is left", parents=[shared]
    )
    remaking.add_argument("--all", action="store_true", help="of every file, by whichever rules it was made")
    remaking.set_defaults(run=_remake_media)
    store = commands_.add_parser("store", help="keep images and files for servers that run elsewhere", parents=[shared])
    store.add_argument("--host", default=argparse.SUPPRESS, help="the address to listen on (default: 127.0.0.1)")
    store.add_argument(
        "--port", dest="s3_port", default=argparse.SUPPRESS, help="the port; 0 takes a free one and keeps it"
    )
    store.set_defaults(run=_store)
    _add_people(commands_, shared)
    _add_cases(commands_, shared)
    migrate = commands_.add_parser("migrate", help="bring the database's schema up to date", parents=[shared])
    migrate.add_argument("--check", action="store_true", help="change nothing; exit status 1 when it is behind")
    migrate.set_defaults(run=_migrate)
    cli_backups.add_backups(commands_, shared, _settings)
    _add_audit(commands_, shared)
    check = commands_.add_parser("check-config", help="check the settings and show them", parents=[shared])
    check.set_defaults(run=_check_config)
    return parser


def _add_people(parsers: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    user = parsers.add_parser("user", help="people").add_subparsers(required=True, metavar="ACTION")
    add = user.add_parser("add", help="add a person; prints the id", parents=[shared])
    add.add_argument("email", metavar="EMAIL", type=_email)
    add.add_argument("--name", required=True, type=_one_line)
    add.add_argument("--role", choices=[s.value for s in Standing], default=Standing.CLINICIAN.value)
    add.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    add.set_defaults(run=_add_user)
    for name, active, about in (
        ("deactivate", False, "end all that a person may do; their edits stay theirs"),
        ("reactivate", True, "let a person sign in again"),
    ):
        switch = user.add_parser(name, help=about, parents=[shared])
        switch.add_argument("email", metavar="EMAIL", type=_email)
        switch.set_defaults(run=_set_active, active=active)
    token = parsers.add_parser("token", help="make a bearer token; prints it and nothing else", parents=[shared])
    token.add_argument("email", metavar="EMAIL", type=_email)
    token.add_argument("--ttl", metavar="SECONDS", type=_ttl, default=DAY_SECONDS, help="default: a day")
    token.set_defaults(run=_token)


def _add_cases(parsers: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    case = parsers.add_parser("case", help="cases").add_subparsers(required=True, metavar="ACTION")
    create = case.add_parser("create", help="open a case; prints the id and nothing else", parents=[shared])
    create.add_argument("title", metavar="TITLE", type=_one_line)
    create.add_argument("--lead", metavar="EMAIL", required=True, type=_email)
    create.set_defaults(run=_create_case)
    member = case.add_parser("member", help="give, change or take away a membership", parents=[shared])
    member.add_argument("case", metavar="CASE")
    member.add_argument("email", metavar="EMAIL", type=_email)
    member.add_argument("--role", required=True, choices=[*(role.value for role in MEMBER_ROLES), "none"])
    member.set_defaults(run=_set_member)


def _add_audit(parsers: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser) -> None:
    audit = parsers.add_parser("audit", help="the audit log").add_subparsers(required=True, metavar="ACTION")
    verify = audit.add_parser("verify", help="walk along its chains; exit status 1 for a break", parents=[shared])
    verify.add_argument("--case", metavar="CASE", help="this case's alone, and the house's")
    verify.add_argument("--anchors", metavar="FILE", type=Path, help="lines of `audit heads`, or of a server's log")
    verify.set_defaults(
        run=lambda arguments: _with_stores(
            arguments, lambda stores: audit_log.verify(stores, arguments.case, arguments.anchors)
        )
    )
    shown = audit.add_parser("list", help="print events as lines of JSON, oldest first", parents=[shared])
    shown.add_argument("--case", metavar="CASE", help="of this case; of the house if not given")
    shown.set_defaults(
        run=lambda arguments: _with_stores(arguments, lambda stores: audit_log.show(stores, arguments.case))
    )
    heads = audit.add_parser("heads", help="print the newest event of each chain, to keep elsewhere", parents=[shared])
    heads.set_defaults(run=lambda arguments: _with_stores(arguments, audit_log.heads))


def _email(text: str) -> str:
    return _checked(TypeAdapter(Email), text, "an e-mail address")


def _one_line(text: str) -> str:
    return _checked(TypeAdapter(OneLine), text, "one line of text, at most 200 characters")


def _checked(checker: TypeAdapter[str], text: str, wanted: str) -> str:
    try:
        return checker.validate_python(text)
    except ValidationError as error:
        raise argparse.ArgumentTypeError(f"expected {wanted}") from error


def _ttl(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= LONGEST_TTL_SECONDS:
        raise argparse.ArgumentTypeError(f"expected seconds, 1 to {LONGEST_TTL_SECONDS}")
    return int(text)


def _settings(arguments: argparse.Namespace, default: Mapping[str, str] = MappingProxyType({})) -> Settings:
    """The environment's settings; options of the command line go before them, `default` behind both."""
    options = {f"CONSILIUM_{name.upper()}": str(v) for name, v in vars(arguments).items() if name in OPTIONS}
    return load_settings({**default, **os.environ}, options)


def _with_stores(arguments: argparse.Namespace, action: Callable[[Stores], Awaitable[str | None]]) -> None:
    settings = _settings(arguments)
    make_data_folder(settings)

    async def run() -> None:
        async with open_stores(settings.database) as stores:
            answer = await action(stores)
        if answer is not None:
            sys.stdout.write(f"{answer}\n")

    asyncio.run(run())


def _serve(arguments: argparse.Namespace) -> None:
    # Not at the top, here and below: it brings the whole application, and most commands do not serve.
    from server.serve import serve  # noqa: PLC0415

    settings = _settings(arguments)
    configure(settings)

    async def prepare(_: Stores) -> Callable[[str], str]:
        return lambda address: f"Consilium listens at {address} (data in {settings.data})"

    serve(settings, open_node, prepare)


def _work(arguments: argparse.Namespace) -> None:
    from server.serve import work  # noqa: PLC0415

    settings = _settings(arguments)
    configure(settings)
    work(settings, open_node)


def _work_on_media(arguments: argparse.Namespace) -> None:
    settings = _settings(arguments)
    configure(settings)
    work_on_media(settings, open_node, arguments.tell)


def _verify_media(arguments: argparse.Namespace) -> None:
    sys.stdout.write(f"{verify_media(_settings(arguments), open_node)}\n")


def _remake_media(arguments: argparse.Namespace) -> None:
    sys.stdout.write(f"{remake_media(_settings(arguments), open_node, every=arguments.all)}\n")


def _store(arguments: argparse.Namespace) -> None:
    settings = _settings(arguments)
    configure(settings)
    make_data_folder(settings)
    alone.run(settings)


def _demo(arguments: argparse.Namespace) -> None:
    from server.serve import serve  # noqa: PLC0415

    # Its terminal is for the links: a line for each request would carry them off.
    settings = _settings(arguments, {"CONSILIUM_DATA": str(demo.DATA), "CONSILIUM_LOG_LEVEL": "warning"})
    configure(settings)
    demo.claim(settings)

    with Beside() as beside:

        async def prepare(stores: Stores) -> Callable[[str], str]:
            announce = await demo.seed(stores, now=wall_clock(), entropy=os.urandom)
            if arguments.without_images:
                return announce
            tokens = await demo.hand_out_tokens(stores, now=wall_clock(), entropy=os.urandom)

            def announced(address: str) -> str:
                beside.begin(address, {case.key: case.id for case in demo.CASES}, tokens)
                return f"{announce(address)}\nImages are on their way into the cases; look around meanwhile."

            return announced

        serve(settings, open_node, prepare)


def _cluster_demo(arguments: argparse.Namespace) -> None:
    cluster_demo.run(_settings(arguments, {"CONSILIUM_DATA": str(cluster_demo.DATA)}), os.environ, open_stores)


def _add_user(arguments: argparse.Namespace) -> None:
    password = _read_password(from_stdin=arguments.password_stdin)

    async def action(stores: Stores) -> str:
        return await commands.add_user(
            stores,
            email=arguments.email,
            name=arguments.name,
            standing=Standing(arguments.role),
            password=password,
            now=wall_clock(),
            entropy=os.urandom,
        )

    _with_stores(arguments, action)


def _read_password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise CommandFailed("there is no terminal to ask for a password; use --password-stdin")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise CommandFailed("the two passwords differ")
    return password


def _set_active(arguments: argparse.Namespace) -> None:
    _with_stores(
        arguments,
        lambda stores: commands.set_active(stores, email=arguments.email, active=arguments.active, now=wall_clock()),
    )


def _token(arguments: argparse.Namespace) -> None:
    _with_stores(
        arguments,
        lambda stores: commands.make_token(
            stores, email=arguments.email, ttl_seconds=arguments.ttl, now=wall_clock(), entropy=os.urandom
        ),
    )


def _create_case(arguments: argparse.Namespace) -> None:
    _with_stores(
        arguments,
        lambda stores: commands.create_case(
            stores, title=arguments.title, lead=arguments.lead, now=wall_clock(), entropy=os.urandom
        ),
    )


def _set_member(arguments: argparse.Namespace) -> None:
    role = None if arguments.role == "none" else Role(arguments.role)
    _with_stores(
        arguments,
        lambda stores: commands.set_member(
            stores, case=arguments.case, email=arguments.email, role=role, now=wall_clock()
        ),
    )


def _migrate(arguments: argparse.Namespace) -> None:
    async def action(_: Stores) -> str:
        return "the schema is up to date"  # opening the stores brought it there

    if not arguments.check:
        _with_stores(arguments, action)
        return
    match asyncio.run(find_schema(_settings(arguments).database)):
        case Schema.BEHIND:
            raise CommandFailed("the schema is behind this release; `consilium migrate` brings it up to date")
        case Schema.AHEAD:
            sys.stdout.write("the schema is of a newer release, which this one still runs on\n")
        case Schema.CURRENT:
            sys.stdout.write("the schema is up to date\n")


def _check_config(arguments: argparse.Namespace) -> None:
    try:
        settings = _settings(arguments)
    except WrongSettings as error:
        sys.stdout.write("".join(f"{problem}\n" for problem in error.problems))
        raise CommandFailed(f"{len(error.problems)} of the settings are wrong") from error
    sys.stdout.write("configuration is good\n")
    sys.stdout.write("".join(f"{name}={value}\n" for name, value in in_effect(settings).items()))
