from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from service.embedded.data_directory import DataDirectory, read_env, write_env, write_private
from service.embedded.errors import DirectoryInUseError
from service.embedded.processes import LARGEST_LOG


def test_one_at_a_time(tmp_path: Path) -> None:
    with DataDirectory.locked(tmp_path / "var") as data:
        assert stat.S_IMODE(data.root.stat().st_mode) == 0o700
        with (
            pytest.raises(DirectoryInUseError, match=rf"process {os.getpid()}\) uses"),
            DataDirectory.locked(data.root),
        ):
            pass
    with DataDirectory.locked(tmp_path / "var"):
        pass


def test_variables_come_back_as_they_were_written(tmp_path: Path) -> None:
    variables = {"LEGATION_URL": "http://127.0.0.1:8000", "LEGATION_PASSWORD": "a=b-_c"}
    write_env(tmp_path / "env", variables)
    assert read_env(tmp_path / "env") == variables
    assert read_env(tmp_path / "none") == {}


def test_private_files_are_private_whatever_was_there(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("old")
    path.chmod(0o666)
    write_private(path, "new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_the_secret_key_is_drawn_once(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    assert len(data.secret_key()) >= 32
    assert data.secret_key() == data.secret_key()


def test_large_logs_are_set_aside(tmp_path: Path) -> None:
    data = DataDirectory(tmp_path)
    log = data.log("web")
    log.write_bytes(b"x" * (LARGEST_LOG + 1))
    assert not data.log("web").exists()
    assert (log.parent / "web.log.1").stat().st_size == LARGEST_LOG + 1
