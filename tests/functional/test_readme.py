"""README's walk, run as it stands there."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from tests.conftest import REPOSITORY
from tests.functional.installation import CLEAN, Installation

pytestmark = pytest.mark.xdist_group("up")

FAIL_ON_ANY_ERROR = 'set -euo pipefail\ncurl() { command curl --fail-with-body "$@"; }\n'


def walk() -> str:
    section = (REPOSITORY / "README.md").read_text().split("## The main job, with curl")[1].split("\n## ")[0]
    return "\n".join(re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL))


def test_the_walk_ends_with_the_approved_record(running: Installation) -> None:
    done = subprocess.run(
        ["bash", "-c", FAIL_ON_ANY_ERROR + walk()],
        cwd=running.data.parent,
        env=CLEAN,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    exported = [json.loads(line) for line in done.stdout.splitlines()[-1:]]
    assert [record["state"] for record in exported] == ["approved"]
    assert exported[0]["review"]["reviewer"] == "administrator"
    assert exported[0]["draft"]["evidence"]
    assert exported[0]["evidence"][0]["quote"]
    assert exported[0]["evidence"][0]["rule"]
