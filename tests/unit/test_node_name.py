"""server.node_name."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from server.node_name import FILE, keep_name
from storage.ports.leases import LONGEST_NAME


def test_a_server_keeps_its_name_on_its_data_folder(tmp_path: Path) -> None:
    """[NODE-7] So that what it held when it was killed is its own again."""
    name = keep_name(tmp_path, os.urandom)
    assert keep_name(tmp_path, os.urandom) == name
    assert 0 < len(name) <= LONGEST_NAME


def test_a_copied_folder_is_another_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """[NODE-7] Of a restored backup, of an image with a folder in it, on this machine or on another one."""
    first, copy = tmp_path / "one", tmp_path / "two"
    first.mkdir()
    name = keep_name(first, os.urandom)
    shutil.copytree(first, copy)
    assert keep_name(copy, os.urandom) != name
    monkeypatch.setattr("socket.gethostname", lambda: "another")
    assert keep_name(first, os.urandom).startswith("another.")


@pytest.mark.parametrize("content", ["", "\n", "x", "x\ny\n", "\xff\n"])
def test_a_file_that_is_damaged_is_written_anew(tmp_path: Path, content: str) -> None:
    """[NODE-7]"""
    (tmp_path / FILE).write_text(content, "utf-8")
    name = keep_name(tmp_path, os.urandom)
    assert keep_name(tmp_path, os.urandom) == name
