"""Files of others that we carry are theirs to the byte, each with its licence."""

from __future__ import annotations

import hashlib

from tests.conftest import REPOSITORY

VENDORED = REPOSITORY / "service" / "review" / "static" / "vendor"


def test_vendored_files_are_unchanged_and_licensed() -> None:
    listed = {}
    for line in (VENDORED / "SHA256SUMS").read_text().splitlines():
        sha256, path = line.split()
        listed[VENDORED / path] = sha256
    carried = [path for path in VENDORED.rglob("*") if path.is_file() and path.name != "SHA256SUMS"]
    assert {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in carried} == listed
    assert [folder for folder in VENDORED.iterdir() if folder.is_dir() and not (folder / "LICENSE.txt").exists()] == []
