"""schemathesis, with all of its checks, against the running service. It goes by the description alone, and finds each
answer that the description does not tell, each input that is wrongly refused or taken, each address that forgets to
ask for a key, and each failure inside.

`make fuzz` does the same with many more examples. What OpenAPI cannot tell of an API is in schemathesis.toml, with the
reason.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.factories import STORY, create_decision, create_drafted_document
from tests.strangers.conftest import Served

CONFIGURATION = str(REPOSITORY / "tests/strangers/schemathesis.toml")
SEED = "20240619"
EXAMPLES = os.environ.get("LEGATION_FUZZ_EXAMPLES", "3")
COVERED = "examples,coverage,fuzzing,stateful"
# Who can least comes first: an administrator's key gives others new roles, and disables them.
ROLES = {None: "fuzzing", "reader": "fuzzing", "reviewer": "fuzzing,stateful", "adjudicator": "fuzzing,stateful"}


@pytest.fixture
def filled(served: Served) -> Served:
    """With records in several states."""
    administrator, reviewer = served.people["administrator"], served.people["reviewer"]
    for number, decision in enumerate(("approve", "reject", None)):
        _, (event_id, _) = create_drafted_document(served.services, administrator, f"{STORY}\n{number}")
        if decision:
            reason = {"reason": "duplicate"} if decision == "reject" else {}
            create_decision(served.services, event_id, decision, by=reviewer, **reason)
    return served


def schemathesis(served: Served, role: str | None, phases: str, folder: Path) -> None:
    """In a folder where it may leave what it likes."""
    command = [
        sys.executable,
        "-m",
        "schemathesis.cli",
        "--config-file",
        CONFIGURATION,
        "--no-color",
    ]
    options = ["--phases", phases, "--max-examples", EXAMPLES, "--seed", SEED]
    key = ["--header", f"Authorization: Bearer {served.keys[role]}"] if role else []
    done = subprocess.run(
        [*command, "run", f"{served.url}/api/v1/openapi.json", *options, *key],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"with the key of {role}, seed {SEED}:\n{done.stdout}\n{done.stderr}"


def test_every_answer_is_as_the_description_says(filled: Served, tmp_path: Path) -> None:
    for role, phases in ROLES.items():
        schemathesis(filled, role, phases, tmp_path)
    schemathesis(filled, "administrator", COVERED, tmp_path)
