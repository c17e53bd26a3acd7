"""The commands that keep what there is: backup and restore, of the database and of images and files, and verify."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from server import backups, media_backups
from server.media_backups import Choice
from server.settings import Settings

if TYPE_CHECKING:
    from argparse import _SubParsersAction

Parsers: TypeAlias = "_SubParsersAction[argparse.ArgumentParser]"
"""What `add_subparsers` gives; argparse has no public name for it."""
SettingsOf: TypeAlias = Callable[[argparse.Namespace], Settings]
"""The settings that a command line asks for. Raises: WrongSettings."""


def add_backups(parsers: Parsers, shared: argparse.ArgumentParser, settings_of: SettingsOf) -> None:
    """`backup`, `restore`, `after-restore` and `verify`."""
    backup = parsers.add_parser("backup", help="copy a SQLite database, beside a running server too", parents=[shared])
    backup.add_argument("file", metavar="FILE", type=Path, help="a new file")
    _add_objects(backup)
    backup.set_defaults(
        run=lambda arguments: _print(backups.back_up(settings_of(arguments), arguments.file, _choice(arguments)))
    )
    restore = parsers.add_parser("restore", help="fill an empty data folder from a backup", parents=[shared])
    restore.add_argument("file", metavar="FILE", type=Path)
    _add_objects(restore)
    restore.set_defaults(
        run=lambda arguments: _print(backups.restore(settings_of(arguments), arguments.file, _choice(arguments)))
    )
    after = parsers.add_parser(
        "after-restore", help="make a database safe that was taken back by other means", parents=[shared]
    )
    after.set_defaults(run=lambda arguments: _print(backups.after_restore(settings_of(arguments))))
    verify = parsers.add_parser("verify", help="check every document; exit status 1 for any fault", parents=[shared])
    verify.set_defaults(run=lambda arguments: _print(backups.verify(settings_of(arguments))))


def add_media(parsers: Parsers, shared: argparse.ArgumentParser, settings_of: SettingsOf) -> Parsers:
    """`media backup` and `media restore`; more may be added beside them."""
    media = parsers.add_parser("media", help="images and files").add_subparsers(required=True, metavar="ACTION")
    for name, about, run in (
        ("backup", "copy every object to a folder; what is there already stays", media_backups.back_up),
        ("restore", "put objects into the store that it lacks", media_backups.restore),
    ):
        moving = media.add_parser(name, help=about, parents=[shared])
        moving.add_argument("folder", metavar="FOLDER", type=Path)
        _add_incomplete(moving)
        moving.set_defaults(run=partial(_move_media, run, settings_of))
    return media


def _move_media(run: Callable[[Settings, Choice], str], settings_of: SettingsOf, arguments: argparse.Namespace) -> None:
    _print(run(settings_of(arguments), Choice(arguments.folder, arguments.incomplete)))


def _add_objects(parser: argparse.ArgumentParser) -> None:
    """Where a backup's images and files are."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--objects",
        metavar="FOLDER",
        type=Path,
        help="of images and files, for any number of backups (default: FILE.objects)",
    )
    which.add_argument("--without-objects", action="store_true", help="the database alone")
    _add_incomplete(parser)


def _add_incomplete(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--incomplete", action="store_true", help="go on when objects are missing; they are named")


def _choice(arguments: argparse.Namespace) -> Choice:
    if arguments.without_objects:
        return Choice(None)
    beside = arguments.file.with_name(f"{arguments.file.name}.objects")
    return Choice(arguments.objects or beside, arguments.incomplete)


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
